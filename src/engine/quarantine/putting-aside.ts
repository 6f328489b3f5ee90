import { hash } from 'node:crypto';
import type { Ledger } from '../../ledger/port.ts';
import type { QuarantineInput } from '../api.ts';
import type { SiteLog } from '../site-log.ts';
import { uuidv7 } from '../support/ids.ts';

/** Largest part of a quarantined message that is kept; its hash covers all of it. */
const headBytes = 65_536;
/** Largest document that is kept whole, so that it can be taken again. */
const wholeBytes = 16 * 1_048_576;
/** In a flood the ledger keeps less of each message: so many whole heads a minute, then short ones. */
const wholeHeadsPerMinute = 200;
const shortHead = 1_024;

/** Puts what an intake cannot take into quarantine. */
export class Quarantining {
  readonly #ledger: Pick<Ledger, 'findCommand' | 'readStream'>;
  readonly #siteLog: SiteLog;
  readonly #count: (name: 'quarantined' | 'quarantine_repeated' | 'quarantine_heads_cut') => void;
  #heads = { minute: 0, kept: 0 };

  constructor(options: { readonly ledger: Pick<Ledger, 'findCommand' | 'readStream'>; readonly siteLog: SiteLog; readonly count: (name: 'quarantined' | 'quarantine_repeated' | 'quarantine_heads_cut') => void }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#count = options.count;
  }

  /** Durable when it resolves. What its source knows by a name of its own is there once, whatever came between it and the acknowledgement. */
  async put(input: QuarantineInput): Promise<{ readonly quarantineId: string; readonly repeated: boolean }> {
    const quarantineId = uuidv7();
    const bytes = Buffer.from(input.bytes.buffer, input.bytes.byteOffset, input.bytes.byteLength);
    const known = input.known === undefined ? undefined : await this.#known(input.site, input.known);
    if (known?.held === true) return this.#again(known.streamId);
    const streamId = `quarantine:${quarantineId}`;
    const recorded = await this.#siteLog.record('quarantine', {
      type: 'Quarantined',
      data: {
        quarantineId, reason: input.reason, bytes: bytes.length, sha256: hash('sha256', bytes),
        ...(input.device === undefined ? {} : { deviceId: input.device }),
      },
      content: {
        head: bytes.subarray(0, this.#kept(input)).toString('base64'), message: input.message,
        ...(input.topic === undefined ? {} : { topic: input.topic }), ...(input.origin === undefined ? {} : { origin: input.origin }),
      },
      ...(input.address === undefined ? {} : { address: input.address }),
    }, {
      streamId, site: input.site, ...(input.device === undefined ? {} : { actor: { kind: 'device', id: input.device } }),
      ...(known === undefined ? {} : { commandKey: known.commandKey }),
    });
    if (recorded !== streamId) return this.#again(recorded);
    this.#count('quarantined');
    return { quarantineId, repeated: false };
  }

  #again(streamId: string): { readonly quarantineId: string; readonly repeated: true } {
    this.#count('quarantine_repeated');
    return { quarantineId: streamId.slice('quarantine:'.length), repeated: true };
  }

  /** The last that was put aside under this, or the key of the next. */
  async #known(site: string, { as, sameDelivery }: NonNullable<QuarantineInput['known']>): Promise<{ readonly held: true; readonly streamId: string } | { readonly held: false; readonly commandKey: string }> {
    let commandKey = `quarantine:${hash('sha256', JSON.stringify([site, ...as]), 'base64url')}`;
    let last: string | undefined;
    for (let found = await this.#ledger.findCommand(commandKey); found !== undefined; found = await this.#ledger.findCommand(commandKey)) {
      last = found.streamId;
      commandKey = `quarantine:${hash('sha256', `${commandKey}\0${last}`, 'base64url')}`;
    }
    if (last === undefined) return { held: false, commandKey };
    // What was dealt with and is sent anew has to be seen again.
    const held = sameDelivery || (await this.#ledger.readStream(last, 2)).length === 0;
    return held ? { held, streamId: last } : { held, commandKey };
  }

  #kept({ origin, bytes }: QuarantineInput): number {
    if (origin !== undefined) return bytes.length > wholeBytes ? headBytes : bytes.length;
    const minute = Math.floor(Date.now() / 60_000);
    this.#heads = this.#heads.minute === minute ? { minute, kept: this.#heads.kept + 1 } : { minute, kept: 1 };
    if (this.#heads.kept <= wholeHeadsPerMinute) return headBytes;
    this.#count('quarantine_heads_cut');
    return shortHead;
  }
}
