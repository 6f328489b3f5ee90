/**
 * The versions of the streams that were written last, bounded by number. Two halves, of which the older is forgotten as a whole:
 * a map that gives up its oldest entry each time walks over what it has given up before.
 */
export class RememberedVersions {
  readonly #half: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  /** @param most streams that are remembered */
  constructor(most: number) {
    this.#half = Math.max(1, Math.floor(most / 2));
  }

  get(streamId: string): number | undefined {
    return this.#young.get(streamId) ?? this.#old.get(streamId);
  }

  set(streamId: string, version: number): void {
    if (this.#young.size >= this.#half && !this.#young.has(streamId)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(streamId, version);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
