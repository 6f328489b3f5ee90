import type { Json, JsonObject } from '../../../domain/json.ts';
import { parseGs1 } from '../../gs1/index.ts';
import type { Opening, OpeningOptions } from '../../opening.ts';
import type { Telegram } from './handshake.ts';

/** What a report of a controller is turned into. `document`: `{plc}`. */
export interface PlcOpening extends Opening {
  readonly message: Opening['message'] & { readonly payload: JsonObject };
  readonly scan: Opening['scan'] & { readonly kind: 'plc' };
}

export interface PlcOpeningOptions extends OpeningOptions {
  /** Name of the controller: the device of its cases. */
  readonly device: string;
}

/** A clock of a controller further off than this is not believed. */
const BELIEVED_MS = 24 * 3_600_000;

/** A time that the controller gave, when it can be true: not in the future, not before yesterday. */
export function believedTime(at: number | undefined, now: number): string | undefined {
  return at === undefined || at > now + 60_000 || at < now - BELIEVED_MS ? undefined : new Date(at).toISOString();
}

/** `{plc}` of the document: what the conveyor said. A handling unit that is an SSCC is one, also with its AI or symbology in front. */
export function telegramOpening(telegram: Telegram, now: number, options: PlcOpeningOptions): PlcOpening {
  const { sequence, handlingUnit, position, facts, unusable } = telegram;
  const read = parseGs1(handlingUnit, { referenceYear: new Date(now).getUTCFullYear() });
  const sscc = read.ok ? read.sscc : undefined;
  const plc: { [name: string]: Json } = { ...facts, sequence, handlingUnit, position, ...(sscc === undefined ? {} : { sscc }), ...(unusable.length === 0 ? {} : { unusable }) };
  const code = handlingUnit === '' ? `${position === '' ? options.device : position} ${sequence}` : handlingUnit;
  const occurredAt = believedTime(telegram.at, now);
  return {
    process: options.process, template: options.template, site: options.site,
    title: sscc !== undefined ? `SSCC ${sscc}` : handlingUnit === '' ? `Not read at ${position === '' ? options.device : position}` : `Handling unit ${handlingUnit.slice(0, 60)}`,
    keys: [
      ...(sscc === undefined ? [] : [{ type: 'sscc', value: sscc }]),
      ...(handlingUnit === '' ? [] : [{ type: 'handlingUnit', value: handlingUnit.slice(0, 200) }]),
    ],
    document: { plc }, message: { payload: plc, topic: options.device },
    ...(options.uniqueScope === '' || handlingUnit === '' ? {} : { unique: { scope: options.uniqueScope, key: sscc ?? handlingUnit } }),
    transportId: telegram.id, device: options.device, ...(occurredAt === undefined ? {} : { occurredAt }),
    scan: { kind: 'plc', code: code.slice(0, 400), topic: options.device, fields: plc },
  };
}
