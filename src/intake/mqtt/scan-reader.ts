import type { PackagingLevels } from '../../domain/packaging/index.ts';
import { createScanMapper, type ExpressionEvaluator, type FieldPointers, type MapperPreset, type MapResult, type Rejection, type ScanMapper, type UnknownPacks } from '../mapper/index.ts';
import type { EpcisOptions } from '../epcis/index.ts';
import { withEpcis } from './scan-epcis.ts';
import { scanOpening, type ScanOpening, type ScanOpeningOptions } from './scan-opening.ts';
import { scanTopics, type ScanTopics } from './scan-topics.ts';

/** How an intake reads messages. */
export interface ScanReaderOptions extends ScanOpeningOptions {
  readonly pattern: string;
  readonly preset: MapperPreset;
  readonly pointers?: FieldPointers;
  /** For the preset `jsonata`. */
  readonly evaluate?: ExpressionEvaluator;
  /** What the scanners send in the place of FNC1, '' for nothing. */
  readonly fnc1: string;
  readonly maxBytes: number;
  readonly operatorRequired: boolean;
  /** What packs hold; without it nothing is converted. */
  readonly packaging?: PackagingLevels;
  readonly unknownPacks?: UnknownPacks;
  /** Makes an EPCIS event of each scan. */
  readonly epcis?: EpcisOptions;
  readonly clock?: () => number;
}

export type ScanReading = { readonly ok: true; readonly openings: readonly ScanOpening[] } | { readonly ok: false; readonly code: string; readonly message: string };

/** What a message says, before anything is recorded. */
export class ScanReader {
  readonly topics: ScanTopics;
  readonly #options: ScanReaderOptions;
  readonly #map: ScanMapper;
  readonly #clock: () => number;

  /** Throws RangeError, with one sentence that says what to mend, when it cannot be configured so. */
  constructor(options: ScanReaderOptions) {
    this.#options = options;
    this.topics = scanTopics({ pattern: options.pattern, enterprise: options.enterprise, site: options.site });
    this.#map = createScanMapper({
      preset: options.preset,
      maxPayloadBytes: options.maxBytes,
      ...(options.fnc1 === '' ? {} : { fnc1Substitutes: [options.fnc1] }),
      ...(options.preset === 'custom' && options.pointers !== undefined ? { pointers: options.pointers } : {}),
      ...(options.evaluate === undefined ? {} : { evaluate: options.evaluate }),
      ...(options.packaging === undefined ? {} : { packaging: options.packaging }),
      ...(options.unknownPacks === undefined ? {} : { unknownPacks: options.unknownPacks }),
    });
    this.#clock = options.clock ?? Date.now;
  }

  map(payload: Uint8Array, variables: Readonly<Record<string, string>>): MapResult {
    return this.#map(payload, { receivedAt: this.#clock(), topic: variables });
  }

  /** When a message that comes in now came in, epoch milliseconds. */
  now(): number {
    return this.#clock();
  }

  opening(scan: Parameters<typeof scanOpening>[0], topic: string, variables: Readonly<Record<string, string>>, sender?: string): ScanOpening {
    const opening = scanOpening(scan, topic, variables, this.#options, sender);
    return this.#options.epcis === undefined ? opening : withEpcis(opening, scan, this.#clock(), this.#options.epcis);
  }

  /** True for a scan by nobody where somebody has to stand behind each. */
  operatorMissing(opening: ScanOpening): boolean {
    return this.#options.operatorRequired && opening.operator === undefined;
  }

  /** Reads a message as an intake would. @param anyTopic also when the topic is not one of this intake's */
  read(payload: Uint8Array, topicName: string, anyTopic: boolean): ScanReading {
    const topic = this.topics.read(topicName);
    if (topic.kind !== 'ours' && !anyTopic) return { ok: false, code: topic.kind, message: topic.message };
    const variables = topic.kind === 'ours' ? topic.variables : {};
    const mapped = this.map(payload, variables);
    const rejection = mapped.ok ? mapped.rejections[0] : mapped;
    if (rejection !== undefined) return { ok: false, code: rejection.reason, message: rejectionText(rejection) };
    const openings = mapped.ok ? mapped.scans.map((scan) => this.opening(scan, topicName, variables)) : [];
    if (openings.some((opening) => this.operatorMissing(opening))) {
      return { ok: false, code: 'operator-missing', message: operatorMissingText };
    }
    return { ok: true, openings };
  }
}

/** Told to whoever looks after the message; at the dock one signs in. */
export const operatorMissingText = 'The message does not say who scanned; put the badge of that person into it.';

/** The sentence about a rejection, with what exactly was wrong. */
export function rejectionText({ message, detail }: Pick<Rejection, 'message' | 'detail'>): string {
  return detail === undefined ? message : `${message} (${detail})`;
}
