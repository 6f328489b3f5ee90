import { mergePatch, mergePatchBetween } from '../domain/merge-patch.ts';
import type { JsonObject } from '../domain/index.ts';
import type { Ledger } from '../ledger/port.ts';
import type { SiteLog } from './site-log.ts';

/** An intake whose source keeps what it has not been acknowledged. */
export interface PositionOf {
  /** `plc`, … */
  readonly what: string;
  /** `instance/stepId` of its node. */
  readonly address: string;
  readonly site: string;
  /** Name of the server or broker. */
  readonly source: string;
}

/** A stream as this process knows it. */
interface Known {
  readonly version: number;
  readonly position: JsonObject;
  /** Version at which the position stands whole, how long it is there, and how long the changes since are together, in characters. */
  readonly base: number;
  readonly whole: number;
  readonly changed: number;
}

/** A position that is shorter is written whole. */
const SHORT = 2_048;
/** So many changes at most are read at a start. */
const MOST_CHANGES = 256;

/**
 * How far intakes have come: each has a stream from whose end a new process, or the node after a deploy, goes on. Where a
 * position is long, as with hundreds of alarms that stand, only what changed is written, and the whole now and then: the
 * ledger grows by what happens, not by what is remembered.
 */
export class Positions {
  readonly #ledger: Pick<Ledger, 'lastOfStream' | 'readStream'>;
  readonly #siteLog: SiteLog;
  readonly #known = new Map<string, Known>();
  /** Versions of streams whose position is not known. */
  readonly #versions = new Map<string, number>();

  constructor(ledger: Pick<Ledger, 'lastOfStream' | 'readStream'>, siteLog: SiteLog) {
    this.#ledger = ledger;
    this.#siteLog = siteLog;
  }

  /** Undefined when there is none, or its content was erased. */
  async last(of: PositionOf): Promise<JsonObject | undefined> {
    const stream = streamOf(of);
    const event = await this.#ledger.lastOfStream(stream);
    this.#known.delete(stream);
    this.#versions.set(stream, event?.version ?? 0);
    if (event?.type !== 'IntakePositionKept') return undefined;
    const base = event.data.base;
    if (base === undefined) return event.content?.position;
    const [whole, ...changes] = await this.#ledger.readStream(stream, base);
    let position = whole?.type === 'IntakePositionKept' && whole.version === base && whole.data.base === undefined ? whole.content?.position : undefined;
    for (const change of changes) {
      const patch = change.type === 'IntakePositionKept' && change.version <= event.version ? change.content?.position : undefined;
      position = position === undefined || patch === undefined ? undefined : mergePatch(position, patch);
    }
    return position;
  }

  /** Resolves when it is durable. One at a time for each intake. */
  async keep(of: PositionOf, sequence: number, position: JsonObject): Promise<void> {
    const stream = streamOf(of);
    const text = JSON.stringify(position);
    // a copy: what is compared with the next one must not change under its intake's hands
    const whole = JSON.parse(text) as JsonObject;
    for (let tries = 0; ; tries += 1) {
      const known = this.#known.get(stream);
      const version = known?.version ?? this.#versions.get(stream) ?? (await this.#ledger.lastOfStream(stream))?.version ?? 0;
      const change = known === undefined ? undefined : changeOf(known, whole);
      const result = await this.#siteLog.append(
        stream,
        { type: 'IntakePositionKept', data: { what: of.what, source: of.source, sequence, ...(change === undefined ? {} : { base: change.base }) }, content: { position: change?.patch ?? whole } },
        { site: of.site, expectedVersion: version },
      );
      if (result.ok) {
        this.#known.set(stream, change === undefined ? { version: version + 1, position: whole, base: version + 1, whole: text.length, changed: 0 } : { ...change.known, version: version + 1, position: whole });
        return;
      }
      if (result.reason !== 'version-conflict' || tries === 3) throw new Error(`the position of ${of.address} could not be kept: ${result.reason}`);
      // somebody else wrote there: what it made of the position is not known
      this.#known.delete(stream);
      this.#versions.set(stream, result.actualVersion);
    }
  }
}

/** What to write in the place of the whole position; undefined when the whole is written. */
function changeOf(known: Known, position: JsonObject): { readonly base: number; readonly patch: JsonObject; readonly known: Known } | undefined {
  if (known.whole < SHORT || known.version - known.base >= MOST_CHANGES) return undefined;
  const patch = mergePatchBetween(known.position, position);
  if (patch === undefined) return undefined;
  const changed = known.changed + JSON.stringify(patch).length;
  return changed > known.whole ? undefined : { base: known.base, patch, known: { ...known, changed } };
}

function streamOf({ what, address }: PositionOf): string {
  return `intake:${what}:${address}`;
}
