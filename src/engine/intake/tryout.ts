import type { PackagingRow } from '../../domain/packaging/index.ts';
import { suggestMapper, type FieldPointers, type MapperPreset, type Suggestion } from '../../intake/mapper/index.ts';
import { compileExpression } from './expression.ts';
import { intakePackaging } from './packaging.ts';
import { epcisOptions, type ScanEpcisConfig } from './scan-epcis.ts';
import { operatorMissingText, rejectionText, ScanReader } from '../../intake/mqtt/index.ts';
import type { ScanOpening } from '../../intake/mqtt/index.ts';

/** What one scan of a tried message would become. */
export type TriedScan =
  | { readonly ok: true; readonly title: string; readonly facts: Readonly<Record<string, unknown>>; readonly elements: readonly { readonly ai: string; readonly title: string; readonly value: string }[]; readonly device: string; readonly operator?: string; readonly occurredAt?: string; /** EPCIS event of the scan. */ readonly epcis?: unknown; readonly told: 'by-transport-id' | 'by-sscc' | 'not' }
  | { readonly ok: false; readonly message: string };

export interface Tried {
  /** Why the topic is not one of the node's; the message is read all the same. */
  readonly topic?: string;
  readonly scans: readonly TriedScan[];
}

/** The form as it stands, deployed or not. */
export interface TriedConfig extends ScanEpcisConfig {
  readonly pattern: string;
  readonly preset: MapperPreset;
  readonly pointers: FieldPointers;
  readonly expression: string;
  readonly fnc1: string;
  readonly maxBytes: number;
  readonly operatorRequired: boolean;
  readonly packaging: readonly PackagingRow[];
  readonly unknownPacks: string;
  readonly uniqueScope: string;
  readonly enterprise: string;
  readonly site: string;
  /** GLN and time zone of the site, '' where it has none. */
  readonly gln: string;
  readonly timeZone: string;
}

/** Reads messages as a scan in node with this configuration would, and records nothing. Throws RangeError when it cannot be configured so. */
export function tryMessages(config: TriedConfig, topic: string, messages: readonly string[], now: number): readonly Tried[] {
  const { epcis: _, ...reading } = config;
  const epcis = epcisOptions(config, { id: config.site, enterprise: config.enterprise, gln: config.gln }, () => config.timeZone);
  const reader = new ScanReader({
    ...reading, ...(epcis === undefined ? {} : { epcis }), ...intakePackaging(config), process: 'procure-to-pay', template: '', clock: () => now,
    ...(config.preset === 'jsonata' ? { evaluate: compileExpression(config.expression) } : {}),
  });
  const read = reader.topics.read(topic);
  const variables = read.kind === 'ours' ? read.variables : {};
  return messages.map((message): Tried => {
    const mapped = reader.map(Buffer.from(message), variables);
    const scans = mapped.ok ? mapped.scans.map((scan): TriedScan => {
      const opening = reader.opening(scan, topic, variables);
      if (reader.operatorMissing(opening)) return { ok: false, message: operatorMissingText };
      return {
        ok: true, title: opening.title, facts: opening.message.payload, device: opening.device, told: toldBy(opening),
        elements: (scan.gs1?.elements ?? []).map(({ ai, title, value }) => ({ ai, title, value })),
        ...(opening.operator === undefined ? {} : { operator: opening.operator }),
        ...(opening.occurredAt === undefined ? {} : { occurredAt: opening.occurredAt }),
        ...(config.epcis ? { epcis: opening.document['epcis'] ?? null } : {}),
      };
    }) : [];
    const rejections = mapped.ok ? mapped.rejections : [mapped];
    return {
      ...(read.kind === 'ours' ? {} : { topic: read.message }),
      scans: [...scans, ...rejections.map((rejection): TriedScan => ({ ok: false, message: rejectionText(rejection) }))],
    };
  });
}

/** By what a second arrival of the same scan is known. */
function toldBy(opening: ScanOpening): 'by-transport-id' | 'by-sscc' | 'not' {
  if (opening.transportId !== undefined) return 'by-transport-id';
  return opening.unique === undefined ? 'not' : 'by-sscc';
}

export function suggestFor(messages: readonly string[], now: number): Suggestion | undefined {
  return suggestMapper(messages.map((message) => Buffer.from(message)), now);
}
