/** Counters by name, shown at /waybill/metrics and in node statuses. */
export class Counters {
  readonly #values = new Map<string, number>();
  add(name: string, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
  }
  all(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#values);
  }
}
