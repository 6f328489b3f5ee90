const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_PER_HOUR = 120;
const MAX_BYTES_PER_DAY = 300_000_000;
/** People that are remembered; beyond it those who were quiet longest are forgotten. */
const MAX_PEOPLE = 10_000;

interface Upload { readonly at: number; readonly bytes: number }

/** Keeps one person, or one stolen session, from filling the disk with photos. In memory: a restart forgets. */
export class UploadLimit {
  readonly #uploads = new Map<string, readonly Upload[]>();

  /** Counts an upload; answers how many ms to wait instead when there were too many. */
  take(person: string, bytes: number, now: number): number | undefined {
    const mine = (this.#uploads.get(person) ?? []).filter(({ at }) => now - at < DAY_MS);
    const lastHour = mine.filter(({ at }) => now - at < HOUR_MS);
    if (lastHour.length >= MAX_PER_HOUR) return lastHour[0]!.at + HOUR_MS - now;
    if (mine.reduce((sum, each) => sum + each.bytes, bytes) > MAX_BYTES_PER_DAY) return mine[0]!.at + DAY_MS - now;
    this.#uploads.delete(person);
    this.#uploads.set(person, [...mine, { at: now, bytes }]);
    if (this.#uploads.size > MAX_PEOPLE) this.#uploads.delete(this.#uploads.keys().next().value!);
    return undefined;
  }
}
