/** A call that did not come to its end: a dead letter, or one of which nobody knows whether it happened. */
export interface OpenCall { readonly effectId: string; readonly key: string; dead: boolean; unknown: boolean }

const MOST_CASES = 20_000;

/** The calls of open cases that wait for a person or for an answer, by case. */
export class OpenCalls {
  readonly #cases = new Map<string, OpenCall[]>();

  mark(caseId: string, effectId: string, key: string, change: Partial<Pick<OpenCall, 'dead' | 'unknown'>>): void {
    const calls = this.#cases.get(caseId);
    const call = calls?.find((each) => each.effectId === effectId);
    if (call === undefined) {
      if (change.dead !== true && change.unknown !== true) return;
      if (calls !== undefined) calls.push({ effectId, key, dead: false, unknown: false, ...change });
      else if (this.#cases.size < MOST_CASES) this.#cases.set(caseId, [{ effectId, key, dead: false, unknown: false, ...change }]);
      return;
    }
    Object.assign(call, change);
    if (call.dead || call.unknown) return;
    const rest = calls!.filter((each) => each !== call);
    if (rest.length === 0) this.#cases.delete(caseId);
    else this.#cases.set(caseId, rest);
  }

  closed(caseId: string): void {
    this.#cases.delete(caseId);
  }

  counts(): ReadonlyMap<string, { readonly dead: number; readonly unknown: number }> {
    const found = new Map<string, { dead: number; unknown: number }>();
    for (const calls of this.#cases.values()) {
      for (const { key, dead, unknown } of calls) {
        const count = found.get(key) ?? { dead: 0, unknown: 0 };
        if (dead) count.dead += 1;
        if (unknown) count.unknown += 1;
        found.set(key, count);
      }
    }
    return found;
  }

  all(): readonly (readonly [string, readonly OpenCall[]])[] {
    return [...this.#cases];
  }

  restore(cases: readonly (readonly [string, readonly OpenCall[]])[]): void {
    for (const [caseId, calls] of cases.slice(0, MOST_CASES)) this.#cases.set(caseId, calls.map((each) => ({ ...each })));
  }
}
