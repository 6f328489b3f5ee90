/** A scan as the window compares it. */
export interface Pull {
  readonly device: string;
  readonly code: string;
  /** When it came in, epoch milliseconds. */
  readonly receivedAt: number;
  /** When the device says it was, ISO 8601. */
  readonly occurredAt?: string;
  readonly transportId?: string;
}

/** The first pull of a trigger, and what became of it: its case, or undefined when it was not recorded as a scan. */
export interface FirstPull extends Pull {
  readonly taken: Promise<{ readonly caseId: string } | undefined>;
}

/** Scans that are remembered: devices and codes of the last minutes of a large site. */
const MOST = 10_000;
/** A scan of a backlog may come long after the one that was taken before the line was cut; its own clock tells. */
const KEPT_MS = 600_000;

/**
 * Tells the second pull of a trigger from a second scan: the same device and the same code within the window, counted
 * from the scan that was taken. Lies in memory; what it does not know it does not fold. A message with the transport
 * id of the first is the same message, and the ledger's business.
 */
export class TriggerWindow {
  #ms = 0;
  #begunAt: number | undefined;
  readonly #firsts = new Map<string, FirstPull>();

  /** 0 folds nothing. */
  set windowMs(ms: number) {
    this.#ms = ms;
  }

  /** The scan of which this one is a second pull. */
  first(pull: Pull): FirstPull | undefined {
    const first = this.#firsts.get(keyOf(pull));
    if (this.#ms <= 0 || first === undefined) return undefined;
    if (pull.transportId !== undefined && pull.transportId === first.transportId) return undefined;
    return apart(pull, first) < this.#ms ? first : undefined;
  }

  /** Nobody knows what came before the first scan of this process, or before a delivery that failed. */
  uncertain(pull: Pull, redelivered: boolean): boolean {
    if (this.#ms <= 0) return false;
    this.#begunAt ??= pull.receivedAt;
    return redelivered || pull.receivedAt - this.#begunAt < this.#ms;
  }

  /** Remembers a scan that is about to be recorded. */
  remember(first: FirstPull): void {
    if (this.#ms <= 0) return;
    const key = keyOf(first);
    this.#firsts.delete(key);
    this.#firsts.set(key, first);
    for (const [oldest, { receivedAt }] of this.#firsts) {
      if (this.#firsts.size <= MOST && first.receivedAt - receivedAt < KEPT_MS) break;
      this.#firsts.delete(oldest);
    }
  }

  /** It was not recorded as a scan: the next pull is the first. */
  forget(first: FirstPull): void {
    const key = keyOf(first);
    if (this.#firsts.get(key) === first) this.#firsts.delete(key);
  }
}

function keyOf({ device, code }: Pull): string {
  return `${device}\0${code}`;
}

/** By the device's clock where both know it, else by when they came in. */
function apart(one: Pull, other: Pull): number {
  if (one.occurredAt !== undefined && other.occurredAt !== undefined) return Math.abs(Date.parse(one.occurredAt) - Date.parse(other.occurredAt));
  return Math.abs(one.receivedAt - other.receivedAt);
}
