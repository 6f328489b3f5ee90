import type { RecordedEvent } from '../domain/envelope.ts';
import type { EventType } from '../domain/events.ts';
import type { Ledger } from '../ledger/port.ts';

/** Positions that are looked through at once, so that other readers get their turn. */
const SPAN = 20_000;
const AT_ONCE = 200;

/** Position of the first event that was recorded at or after a time (ISO 8601), one past the last when there is none. Times of the ledger never decrease. */
export async function firstAt(ledger: Pick<Ledger, 'readAll' | 'health'>, time: string): Promise<number> {
  let low = 1;
  let high = ledger.health().lastPosition + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await ledger.readAll(middle, 1);
    if (event === undefined || event.recordedAt >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Events of one type from a position to another, both inclusive, in the order of the ledger. */
export async function* eventsOfType<T extends EventType>(ledger: Pick<Ledger, 'readType'>, type: T, from: number, to: number): AsyncGenerator<Extract<RecordedEvent, { type: T }> & { readonly position: number }> {
  for (let start = from; start <= to;) {
    const end = Math.min(start + SPAN - 1, to);
    const events = await ledger.readType(type, start, end, AT_ONCE);
    for (const event of events) yield event as Extract<RecordedEvent, { type: T }> & { readonly position: number };
    start = events.length < AT_ONCE ? end + 1 : (events.at(-1)?.position ?? end) + 1;
  }
}
