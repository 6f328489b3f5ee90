import type { Actor, AnyEvent } from '../domain/index.ts';
import type { AppendResult, Condition, Ledger, NewEvent } from '../ledger/port.ts';
import type { Recorded } from './recorded.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { uuidv7 } from './support/ids.ts';

export const systemActor: Actor = { kind: 'system', id: 'engine' };

interface AppendOptions { readonly actor?: Actor; readonly site?: string; readonly expectedVersion?: number; readonly commandKey?: string; readonly conditions?: readonly Condition[] }

/** Records events that belong to no case (epochs, deploys, gaps, quarantine, access), each on a stream of its own. */
export class SiteLog {
  readonly #ledger: Ledger;
  readonly #site: string;
  readonly #legalEntity: string;
  readonly #recorded: (recorded: Recorded) => void;
  readonly #clock: Clock;
  epoch = 0;
  /** `recorded` is told of every commit. */
  constructor(ledger: Ledger, defaults: { readonly site: string; readonly legalEntity: string }, recorded: (recorded: Recorded) => void = () => undefined, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#recorded = recorded;
    this.#site = defaults.site;
    this.#legalEntity = defaults.legalEntity;
  }

  /** Resolves after the commit with the stream's id; when the command key was used before, with that of the first commit. */
  async record(kind: string, event: AnyEvent, options: AppendOptions & { readonly streamId?: string } = {}): Promise<string> {
    const streamId = options.streamId ?? `${kind}:${uuidv7()}`;
    const result = await this.append(streamId, event, options);
    if (!result.ok && result.reason === 'duplicate-command') return result.streamId;
    if (!result.ok) throw new Error(`${kind} could not be recorded: ${result.reason}`);
    return streamId;
  }

  /** Gives the ledger's answer, for an event with conditions. */
  append(streamId: string, event: AnyEvent, options: AppendOptions = {}): Promise<AppendResult> {
    return this.recordAll(streamId, options.expectedVersion ?? 0, [event], options);
  }

  /** Several events of one stream, durable together. Gives the ledger's answer. */
  async recordAll(streamId: string, version: number, events: readonly AnyEvent[], options: Omit<AppendOptions, 'expectedVersion'> = {}): Promise<AppendResult> {
    const site = options.site ?? this.#site;
    const entries = events.map((event, i) => ({
      ...event, eventId: uuidv7(), streamId, version: version + 1 + i, site, legalEntity: this.#legalEntity,
      epoch: this.epoch, occurredAt: this.#clock.iso(), clockSource: 'server', actor: options.actor ?? systemActor, correlationId: streamId,
    } as NewEvent));
    const result = await this.#ledger.append({
      streamId, expectedVersion: version, events: entries, ...(options.commandKey === undefined ? {} : { commandKey: options.commandKey }),
      ...(options.conditions === undefined || options.conditions.length === 0 ? {} : { conditions: options.conditions }),
    });
    if (result.ok) this.#recorded({ position: result.lastPosition, site, events });
    return result;
  }
}
