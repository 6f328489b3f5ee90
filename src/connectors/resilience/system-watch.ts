/** How the calls to another system go. */
export interface SystemState {
  readonly system: string;
  /** `closed`: the last call was answered. `failing`: the last calls were not; each case tries again at its own time. */
  readonly state: 'closed' | 'failing';
  /** Since when it is so; ISO 8601. */
  readonly since: string;
  /** When the next call that waits for its retry is due, as far as this process knows. */
  readonly retryAt: string | undefined;
  /** Calls without an answer that counts since the last one with. */
  readonly failures: number;
  /** Calls under way, and how many may be at once. */
  readonly running: number;
  readonly limit: number;
}

type Entry = { -readonly [K in keyof SystemState]: SystemState[K] };

/** Systems that are remembered; a flow has a handful. */
const maxSystems = 200;

/** Watches the calls to other systems: one entry a system, in memory. */
export class SystemWatch {
  readonly #systems = new Map<string, Entry>();

  #entry(system: string): Entry {
    let entry = this.#systems.get(system);
    if (entry === undefined) {
      if (this.#systems.size >= maxSystems) this.#systems.delete(this.#systems.keys().next().value ?? '');
      this.#systems.set(system, entry = { system, state: 'closed', since: new Date().toISOString(), retryAt: undefined, failures: 0, running: 0, limit: 0 });
    }
    return entry;
  }

  started(system: string, limit: number): void {
    const entry = this.#entry(system);
    entry.running += 1;
    entry.limit = Math.max(entry.limit, limit);
  }

  /** @param answered the system said something that counts, be it a refusal */
  ended(system: string, answered: boolean): void {
    const entry = this.#entry(system);
    entry.running = Math.max(0, entry.running - 1);
    entry.failures = answered ? 0 : entry.failures + 1;
    const state = answered ? 'closed' : 'failing';
    if (answered) entry.retryAt = undefined;
    if (state === entry.state) return;
    entry.state = state;
    entry.since = new Date().toISOString();
  }

  /** A call waits for its retry until then. */
  retryAt(system: string, at: string): void {
    const entry = this.#entry(system);
    if (entry.retryAt === undefined || entry.retryAt < new Date().toISOString() || at < entry.retryAt) entry.retryAt = at;
  }

  all(): readonly SystemState[] {
    return [...this.#systems.values()].map((entry) => ({ ...entry })).sort((a, b) => a.system.localeCompare(b.system));
  }
}

/** The one of this process: the limit of a system is shared by all flows as well. */
export const systemWatch = new SystemWatch();
