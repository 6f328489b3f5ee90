import { fillTopic } from './display-board.ts';
import { feedbackMessages, FEEDBACK_LIFE_MS, type Feedback, type FeedbackFormat, type FeedbackStamp } from './feedback-formats.ts';
import { feedbackText, type FeedbackKind, type FeedbackLanguage } from './feedback-texts.ts';
import type { ScanBegin, ScanOutcome } from './scan-intake.ts';
import type { PublishProperties, ScanMessage } from './scan-source.ts';

export interface ScanFeedbackOptions {
  readonly format: FeedbackFormat;
  /** Where scanners listen that do not say so themselves; '' answers only to those that do. */
  readonly topic: string;
  readonly language: FeedbackLanguage;
  readonly publish: (topic: string, payload: string, properties: PublishProperties) => boolean;
  /** A topic that is taken in: an answer there would be a scan. */
  readonly takes: (topic: string) => boolean;
  readonly stamp: { readonly now: () => number; readonly uuid: FeedbackStamp['uuid'] };
  readonly count: (name: 'feedback_good' | 'feedback_bad' | 'feedback_wait' | 'feedback_unsent') => void;
  /** How long a scan may be held before the scanner is told to wait, ms. */
  readonly waitMs?: number;
}

export const WAIT_MS = 100;

interface Pending {
  readonly at: number;
  begin: ScanBegin | undefined;
  waited: boolean;
  readonly outcomes: ScanOutcome[];
}

/**
 * Answers the scanner itself: `good` or `bad` when everything in its message is durable, `wait` when that takes
 * longer. At most once (QoS 0, expires after five seconds): an answer that comes late would be taken for the next
 * scan's. To the response topic of the message (MQTT 5 §4.10), with its correlation data, else to the pattern.
 */
export class ScanFeedback {
  readonly #options: ScanFeedbackOptions;
  readonly #waitMs: number;
  readonly #pending = new Map<ScanMessage, Pending>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ScanFeedbackOptions) {
    this.#options = options;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  /** Takes the message by `take`, and answers when that has ended. What is given back is answered by whoever takes it then. */
  async watch(message: ScanMessage, take: () => Promise<void>): Promise<void> {
    if (message.retain) { // nobody stands there and waits
      await take();
      return;
    }
    const pending: Pending = { at: performance.now(), begin: undefined, waited: false, outcomes: [] };
    this.#pending.set(message, pending);
    this.#timer ??= setInterval(() => this.#look(), this.#waitMs / 2);
    try {
      await take();
      this.#answer(message, pending);
    } finally {
      this.#pending.delete(message);
      if (this.#pending.size === 0) this.close();
    }
  }

  /** It was read, and is about to be recorded. */
  begun(begin: ScanBegin): void {
    const pending = this.#pending.get(begin.source);
    if (pending !== undefined) pending.begin ??= begin;
  }

  became(outcome: ScanOutcome): void {
    this.#pending.get(outcome.source)?.outcomes.push(outcome);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Oldest first: the first that is young enough ends it. */
  #look(): void {
    const before = performance.now() - this.#waitMs;
    for (const [message, pending] of this.#pending) {
      if (pending.at > before) return;
      if (pending.waited) continue;
      pending.waited = true;
      const { begin } = pending;
      this.#tell(message, begin, { kind: 'wait', text: feedbackText(this.#options.language, 'wait'), title: begin?.title ?? '' });
    }
  }

  #answer(message: ScanMessage, { begin, outcomes }: Pending): void {
    const { language } = this.#options;
    const bad = outcomes.find(({ kind }) => kind === 'quarantined');
    const known = outcomes.find(({ kind }) => kind === 'repeat');
    const told = bad ?? known ?? outcomes[0];
    if (told === undefined) return;
    const kind: FeedbackKind = bad === undefined && known === undefined ? 'good' : 'bad';
    const text = bad !== undefined ? { reason: bad.reason ?? '' } : known !== undefined ? 'known' as const : begin?.reversal === true ? 'reversed' as const : 'recorded' as const;
    this.#tell(message, begin ?? told, { kind, text: feedbackText(language, text), title: told.title, ...(told.caseId === undefined ? {} : { caseId: told.caseId }) });
  }

  #tell(message: ScanMessage, whom: Pick<ScanBegin, 'device' | 'variables' | 'extra'> | ScanOutcome | undefined, feedback: Omit<Feedback, 'device'>): void {
    const { format, stamp, count } = this.#options;
    const device = whom?.device ?? whom?.variables['device'];
    const messages = feedbackMessages(format, { ...feedback, ...(device === undefined ? {} : { device }) }, { now: stamp.now(), uuid: stamp.uuid });
    let sent = messages.length > 0;
    for (const { command, payload } of messages) {
      const topic = this.#topicFor(message, command, device, whom);
      sent = topic !== undefined && this.#options.publish(topic, payload, {
        expirySeconds: FEEDBACK_LIFE_MS / 1_000,
        ...(message.correlationData === undefined ? {} : { correlationData: message.correlationData }),
      }) && sent;
    }
    count(sent ? `feedback_${feedback.kind}` : 'feedback_unsent');
  }

  #topicFor({ responseTopic }: ScanMessage, command: string, device: string | undefined, whom: { readonly variables: Readonly<Record<string, string>>; readonly extra?: Readonly<Record<string, unknown>> } | undefined): string | undefined {
    const topic = responseTopic ?? (this.#options.topic === '' ? undefined : fillTopic(this.#options.topic, { ...whom?.extra, ...whom?.variables, ...(device === undefined ? {} : { device }), command }));
    return topic !== undefined && isAnswerable(topic) && !this.#options.takes(topic) ? topic : undefined;
  }
}

/** A topic name (MQTT 5 §4.7.1) that is not the broker's own. */
function isAnswerable(topic: string): boolean {
  return topic.length > 0 && topic.length <= 512 && !/[+#\0]/.test(topic) && !topic.startsWith('$');
}
