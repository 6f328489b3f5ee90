import { Handshake, type HandshakeCounters, type HandshakeTags, type Telegram } from './handshake.ts';
import type { OpcUaConnection } from '../session/connection.ts';
import type { PlcOutcome } from '../values/plc-intake.ts';
import { PlcRecorder, type PlcIntakePort } from '../values/plc-recorder.ts';
import { OpcUaSubscription } from '../subscription/subscription.ts';
import { OpcUaTags } from '../tags/tags.ts';
import { telegramOpening, type PlcOpeningOptions } from './telegram-opening.ts';
import { localNodeId } from '../node-ids.ts';

export interface HandshakeIntakeOptions extends PlcOpeningOptions {
  readonly connection: OpcUaConnection;
  readonly tags: HandshakeTags;
  /** Largest sequence number when it is not that of the tag's type; 0: it is. */
  readonly largest: number;
  readonly publishingMs: number;
  readonly newKey: () => string;
  readonly clock: () => number;
  readonly onOutcome?: (outcome: PlcOutcome) => void;
  readonly onTelegram?: (telegram: Telegram) => void;
  /** What is in the way changed: see `problems`. */
  readonly onProblems?: () => void;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  readonly pollMs?: number;
}

/** How long the server goes on watching the sequence number for a client that is gone: nothing of it is needed afterwards. */
const FORGOTTEN_MS = 15_000;

/**
 * From the telegrams of a controller that waits for its acknowledgement to cases. The sequence number is watched only to be
 * quick: what is not acknowledged stands in the tags, and is looked at once a session begins, and every few seconds.
 */
export class HandshakeIntake {
  readonly #options: HandshakeIntakeOptions;
  readonly #recorder: PlcRecorder;
  readonly #handshake: Handshake;
  readonly #watch: OpcUaSubscription;
  readonly #unlisten: () => void;
  #problem: string | undefined;
  #notices: readonly string[] = [];
  /** The last two telegrams that the ledger has, with when it had them, epoch milliseconds. */
  #last: { readonly sequence: number; readonly at: number } | undefined;
  #lastButOne: { readonly sequence: number; readonly at: number } | undefined;
  #closed = false;
  readonly outcomes = { opened: 0, duplicate: 0, repeat: 0, quarantined: 0, lastAt: undefined as number | undefined };
  lastProblem: { readonly at: number; readonly reason: string } | undefined;

  constructor(port: PlcIntakePort, options: HandshakeIntakeOptions) {
    this.#options = options;
    const { connection, tags } = options;
    const log = options.log ?? (() => undefined);
    this.#recorder = new PlcRecorder(port, options.site, log, options.retry);
    const controller = new OpcUaTags(connection);
    this.#handshake = new Handshake({
      tags, name: `${connection.url}#${tags.sequence}`, ...(options.largest > 0 ? { largest: options.largest } : {}),
      ...(options.retry === undefined ? {} : { retry: options.retry }), ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    }, {
      read: (nodeIds) => controller.read(nodeIds),
      write: async (writes) => {
        const statuses = await controller.write(writes);
        port.count('plc_acknowledged', statuses.filter((status) => status.startsWith('Good')).length);
        return statuses;
      },
      open: (telegram) => this.#open(telegram),
      gap: (gap) => this.#gap(gap),
      problem: (reason) => { this.#say(reason); },
      now: () => options.clock(),
    });
    this.#watch = new OpcUaSubscription({
      connection, publishingMs: options.publishingMs, outageMs: FORGOTTEN_MS, newKey: options.newKey,
      items: async (session) => {
        const namespaces = tags.sequence.startsWith('nsu=') ? await session.readNamespaceArray() : [];
        return { items: [{ key: tags.sequence, nodeId: localNodeId(tags.sequence, namespaces), kind: 'value', samplingMs: options.publishingMs, queueSize: 1 }], problems: [] };
      },
    }, {
      onOpened: () => Promise.resolve(),
      onBatch: () => {
        this.#handshake.poke();
        return undefined;
      },
      onMissing: () => Promise.resolve(), // what was watched is no news by itself: the telegram stands in the tags
      onLost: () => undefined,
      onNotice: (_notices, problems) => {
        this.#notices = problems.map(({ message }) => message);
        options.onProblems?.();
      },
      log,
    });
    this.#unlisten = connection.onSession({ onSession: () => { this.#handshake.poke(); } });
  }

  get counters(): HandshakeCounters {
    return this.#handshake.counters;
  }

  /** What is in the way now, one sentence each. */
  get problems(): readonly string[] {
    return [...(this.#problem === undefined ? [] : [this.#problem]), ...this.#notices];
  }

  /** Ends without an acknowledgement that is not due: the controller still has its telegram, for whoever comes next. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unlisten();
    const left = this.#watch.close('delete');
    const ended = this.#handshake.close();
    this.#options.connection.hold(Promise.allSettled([left, ended]));
    this.#recorder.close();
    await Promise.all([left, ended]);
  }

  async #open(telegram: Telegram): Promise<'opened' | 'repeat' | 'duplicate' | 'unrecordable'> {
    const { clock, onOutcome, onTelegram } = this.#options;
    onTelegram?.(telegram);
    const opening = telegramOpening(telegram, clock(), this.#options);
    const result = await this.#recorder.open(opening);
    const at = clock();
    this.#lastButOne = this.#last;
    this.#last = { sequence: telegram.sequence, at };
    this.outcomes.lastAt = at;
    this.outcomes[result.kind] += 1;
    onOutcome?.({
      kind: result.kind, at: telegram.at ?? at, title: opening.title,
      ...('caseId' in result ? { caseId: result.caseId } : {}), ...(result.message === undefined ? {} : { message: result.message }),
    });
    return result.kind === 'quarantined' ? 'unrecordable' : result.kind;
  }

  async #gap({ reason, after, before, count }: Parameters<ConstructorParameters<typeof Handshake>[1]['gap']>[0]): Promise<void> {
    const { clock, onOutcome, log } = this.#options;
    const toMs = clock();
    const from = this.#last?.sequence === before ? this.#lastButOne : this.#last;
    await this.#recorder.gap({ reason, fromMs: from?.at ?? 0, toMs, after, before, ...(count === undefined ? {} : { count }) });
    const message = reason === 'sequence-went-back' ? `The sequence number went back from ${after} to ${before}: the controller was started anew, or counts wrongly.`
      : `The sequence number went from ${after} to ${before}: ${count === 1 ? 'a telegram is' : `${String(count ?? 'some')} telegrams are`} missing.`;
    this.lastProblem = { at: toMs, reason: message };
    onOutcome?.({ kind: 'gap', at: toMs, title: reason, message });
    log?.('warn', message);
  }

  #say(reason: string | undefined): void {
    if (reason === this.#problem) return;
    this.#problem = reason;
    if (reason !== undefined) {
      this.lastProblem = { at: this.#options.clock(), reason };
      this.#options.log?.('warn', reason);
    }
    this.#options.onProblems?.();
  }
}
