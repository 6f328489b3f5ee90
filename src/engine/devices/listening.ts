/** A time in which nothing could be heard: Waybill did not run, or took nothing in. Epoch milliseconds. */
export interface Deafness { readonly from: number; readonly to: number }

/** Older ones are forgotten: a silence that reached over them is longer than any that is judged. */
const mostKept = 50;

/** When devices could be heard. What nobody could hear is no silence of theirs. */
export class Listening {
  #deaf: Deafness[];
  #since: number | undefined;

  constructor(deaf: readonly Deafness[] = []) {
    this.#deaf = [...deaf].slice(-mostKept);
  }

  get deaf(): readonly Deafness[] {
    return this.#deaf;
  }

  /** Called at every look with the time of the look before, from which on nothing is known when it cannot hear now. */
  hears(hearing: boolean, now: number, before: number): void {
    if (!hearing) {
      this.#since ??= Math.min(before, now);
      return;
    }
    if (this.#since === undefined) return;
    this.add({ from: this.#since, to: now });
    this.#since = undefined;
  }

  add(deafness: Deafness): void {
    if (deafness.to <= deafness.from) return;
    this.#deaf.push(deafness);
    if (this.#deaf.length > mostKept) this.#deaf.shift();
  }

  /** How long it was quiet since `from`, measured by `between`, without what could not be heard. */
  quiet(from: number, now: number, between: (from: number, to: number) => number): number {
    let quiet = between(from, now);
    for (const { from: start, to } of this.#deaf) {
      const begin = Math.max(start, from);
      const end = Math.min(to, now);
      if (end > begin) quiet -= between(begin, end);
    }
    return quiet;
  }
}
