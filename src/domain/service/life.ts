/** Where a published version is in its life. What comes before (draft, in review, approved) is the publisher's alone. */
export type LifeStatus = 'published' | 'deprecated' | 'retired';

/** What its owners have signed of a version's life. */
export interface Life {
  readonly status: LifeStatus;
  /** Day (ISO 8601) from which a deprecated version is retired, without anybody signing again. */
  readonly sunset?: string;
}

/** Its owners have stopped a version for a while: it is there, and is not called. */
export interface Suspension {
  readonly reason: string;
  /** ISO 8601; absent: until they let it go on. */
  readonly until?: string;
}

/** The instant at which a sunset day begins, in UTC: the same moment at every site. Milliseconds since 1970. */
export function sunsetAt(day: string): number {
  return Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
}

/** A deprecated version is retired from its sunset on. `now` in milliseconds since 1970. */
export function statusAt({ status, sunset }: Life, now: number): LifeStatus {
  return status === 'deprecated' && sunset !== undefined && now >= sunsetAt(sunset) ? 'retired' : status;
}
