import { ConsecutiveBreaker } from 'cockatiel';

/** What the traffic to one system is limited by. */
export interface CircuitSettings {
  /** Failures in a row that open the circuit; 0: it never opens by itself. */
  readonly threshold: number;
  /** How long it stays open before one attempt is let through, ms. */
  readonly openMs: number;
  /** Attempts under way at the same time. */
  readonly concurrency: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What a circuit remembers over restarts; times in ms since 1970. */
export interface CircuitMemory {
  readonly state: CircuitState;
  readonly since: number;
  /** When it is tried again; undefined while open: until a person closes it. */
  readonly until: number | undefined;
  readonly failures: number;
  readonly manual: boolean;
}

/** A change of a circuit, in the order in which they happen. */
export interface CircuitChange extends CircuitMemory { readonly why: 'failures' | 'probe-failed' | 'answered' | 'manual' | 'probe' }

/** Leave for one attempt; given back with its outcome. */
export interface Pass { readonly probe: boolean }

export type Admission =
  | { readonly kind: 'pass'; readonly pass: Pass }
  /** As many attempts as are allowed are under way. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'open'; readonly until: number | undefined };

/** `answered`: the system said something that counts, be it a refusal. `lost`: nothing can be said of the system. */
export type AttemptEnd = 'answered' | 'failed' | 'lost';

/**
 * Circuit breaker and bulkhead of one system. Which failures open it is cockatiel's breaker's to say; its policy is not
 * used, as an attempt here begins and ends in different places (a message that goes through a flow) and outlives the process.
 */
export class Circuit {
  #settings: CircuitSettings;
  #breaker: ConsecutiveBreaker;
  #memory: CircuitMemory;
  #probe: Pass | undefined;
  readonly #passes = new Set<Pass>();
  readonly #changed: (change: CircuitChange) => void;

  constructor(settings: CircuitSettings, memory: CircuitMemory, changed: (change: CircuitChange) => void) {
    this.#settings = settings;
    this.#breaker = new ConsecutiveBreaker(settings.threshold);
    this.#memory = memory;
    this.#changed = changed;
  }

  get memory(): CircuitMemory {
    return this.#memory;
  }
  /** Failures in a row, of the closed circuit. */
  get failures(): number {
    return this.#memory.state === 'closed' ? this.#breaker.state : this.#memory.failures;
  }
  get running(): number {
    return this.#passes.size;
  }
  get settings(): CircuitSettings {
    return this.#settings;
  }
  set settings(settings: CircuitSettings) {
    if (settings.threshold !== this.#settings.threshold) {
      const failures = this.#breaker.state;
      this.#breaker = new ConsecutiveBreaker(settings.threshold);
      this.#breaker.state = failures;
    }
    this.#settings = settings;
  }

  /** Whether an attempt would be let through now, were there room. */
  isOpen(now: number): boolean {
    const { state, until } = this.#memory;
    return state === 'open' ? until === undefined || now < until : state === 'half-open' && this.#probe !== undefined;
  }

  enter(now: number): Admission {
    if (this.isOpen(now)) {
      return { kind: 'open', until: this.#memory.state === 'half-open' ? now + this.#settings.openMs : this.#memory.until };
    }
    if (this.#passes.size >= this.#settings.concurrency) return { kind: 'busy' };
    const pass: Pass = { probe: this.#memory.state !== 'closed' };
    if (pass.probe) {
      this.#probe = pass;
      if (this.#memory.state === 'open') this.#become({ state: 'half-open', since: now, until: undefined, failures: this.#memory.failures, manual: false, why: 'probe' });
    }
    this.#passes.add(pass);
    return { kind: 'pass', pass };
  }

  /** An attempt is over. What began before the circuit opened says nothing about it afterwards: the probe decides. */
  end(pass: Pass, how: AttemptEnd, now: number): void {
    if (!this.#passes.delete(pass)) return;
    if (pass === this.#probe) {
      this.#probe = undefined;
      if (this.#memory.state !== 'half-open') return;
      if (how === 'answered') this.#close(now, 'answered');
      else if (how === 'failed') this.#open(now, now + this.#settings.openMs, this.#memory.failures + 1, 'probe-failed');
      return;
    }
    if (this.#memory.state !== 'closed' || how === 'lost') return;
    if (how === 'answered') this.#breaker.success();
    else if (this.#breaker.failure() && this.#settings.threshold > 0) this.#open(now, now + this.#settings.openMs, this.#breaker.state, 'failures');
  }

  /** A person stops all traffic, until then or until it is closed by hand. False when it stands so already. */
  openByHand(now: number, until: number | undefined): boolean {
    if (this.#memory.state === 'open' && this.#memory.manual && this.#memory.until === until) return false;
    this.#open(now, until, this.failures, 'manual');
    return true;
  }

  /** A person says that the system answers again. False when it is closed already. */
  closeByHand(now: number): boolean {
    if (this.#memory.state === 'closed') return false;
    this.#close(now, 'manual');
    return true;
  }

  #open(now: number, until: number | undefined, failures: number, why: CircuitChange['why']): void {
    this.#probe = undefined;
    this.#become({ state: 'open', since: now, until, failures, manual: why === 'manual', why });
  }
  #close(now: number, why: CircuitChange['why']): void {
    this.#probe = undefined;
    this.#breaker.success();
    this.#become({ state: 'closed', since: now, until: undefined, failures: 0, manual: false, why });
  }
  #become(change: CircuitChange): void {
    const { why: _why, ...memory } = change;
    this.#memory = memory;
    this.#changed(change);
  }
}
