import type { NoticeChannel } from '../domain/events.ts';

/**
 * The port for what is still to be told. It is a fold over the ledger: a row comes with an event that people are told of and goes when
 * telling is recorded, so that whatever is lost here is made again from the ledger. It holds ids only, nothing of a case's content.
 */
export interface Notice {
  readonly id: number;
  /** Position of the event that is told. */
  readonly cause: number;
  readonly caseId: string;
  readonly taskId: string | undefined;
  readonly exceptionId: string | undefined;
  readonly purpose: string;
  /** What the event says beyond its ids: a role, a pseudonym. */
  readonly detail: { readonly [name: string]: string };
  /** Undefined until it is known who is told and how. */
  readonly channel: NoticeChannel | undefined;
  /** Account id of the person; empty for a channel that is no person's. */
  readonly userId: string;
  /** When it came in, and when it is tried next, ISO 8601. */
  readonly at: string;
  readonly nextAt: string;
  readonly attempts: number;
  /** Set when telling ended and the ledger has yet to take it: `ok`, or why it failed for good. */
  readonly result: string | undefined;
}
export type NewNotice = Pick<Notice, 'cause' | 'caseId' | 'taskId' | 'exceptionId' | 'purpose' | 'detail' | 'at'>;

/** How a person wants to be told. */
export interface NoticePreference {
  readonly mail: boolean;
  /** Minutes that mails are collected at least; 1 is nearly at once. */
  readonly everyMinutes: number;
  readonly language: 'en' | 'de';
}

export interface NoticeStore {
  /** Position up to which the ledger was read; undefined in a new store. */
  cursor(): number | undefined;
  /** Takes in what is to be told, each cause once, and moves the cursor, together. */
  take(notices: readonly NewNotice[], cursor: number): void;
  /** What nobody has looked at yet. */
  unaddressed(limit: number): readonly Notice[];
  /** Puts one row for each recipient in the place of an unaddressed one. */
  address(id: number, recipients: readonly { readonly channel: NoticeChannel; readonly userId: string }[], nextAt: string): void;
  /** There is nobody to tell: ended as it is, under this channel. */
  endUnaddressed(id: number, channel: NoticeChannel, result: string): void;
  /** Due at or before `now`, oldest first. */
  due(now: string, limit: number): readonly Notice[];
  /** Ended, not in the ledger yet. */
  ended(limit: number): readonly Notice[];
  end(ids: readonly number[], result: string): void;
  /** Tried in vain: once more at that time. */
  retry(ids: readonly number[], nextAt: string): void;
  /** Not tried: its turn comes at that time. */
  postpone(ids: readonly number[], nextAt: string): void;
  remove(ids: readonly number[]): void;
  /** When the next one is due; undefined when none waits. */
  nextDue(): string | undefined;
  counts(): readonly { readonly channel: string; readonly waiting: number; readonly oldest: string }[];

  preference(userId: string): NoticePreference | undefined;
  setPreference(userId: string, preference: NoticePreference): void;
  close(): void;
}
