/** Faults on demand: POST /_faults makes the ERP behave as real ones do on bad days, repeatably. */
import { Random } from './seed.ts';
import { problem, type Problem } from './problem.ts';

export const FAULT_MODES = ['none', 'down', 'error', 'slow', 'drop-after-commit', 'rate-limit'] as const;

/**
 * `down` destroys the connection at once; `error` answers 5xx before anything is done; `slow` waits first;
 * `drop-after-commit` does the work and destroys the connection without an answer; `rate-limit` answers 429.
 */
export type FaultMode = (typeof FAULT_MODES)[number];

export interface FaultSettings {
  readonly mode: FaultMode;
  /** Share of requests that are hit, 0 to 1. */
  readonly rate: number;
  /** Of `slow`, in milliseconds. */
  readonly delayMs: number;
  /** Of `error`; undefined takes 500, 502, 503 and 504 in turn by chance. */
  readonly status?: number;
  /** Of `rate-limit`, and of `error` with 503. */
  readonly retryAfterSeconds?: number;
  /** Makes the choice of hit requests repeatable. */
  readonly seed: number;
  /** Beginnings of the paths that are hit; undefined hits all but /_…; `drop-after-commit` hits POST only. */
  readonly paths?: readonly string[];
}

export const NO_FAULTS: FaultSettings = { mode: 'none', rate: 1, delayMs: 0, seed: 1 };

export class Faults {
  #settings: FaultSettings = NO_FAULTS;
  #random = new Random(NO_FAULTS.seed);
  readonly injected: Record<FaultMode, number> = { 'none': 0, 'down': 0, 'error': 0, 'slow': 0, 'drop-after-commit': 0, 'rate-limit': 0 };

  get settings(): FaultSettings {
    return this.#settings;
  }

  set(settings: FaultSettings): void {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
  }

  /** The fault that hits this request. */
  draw(method: string, path: string): FaultMode {
    const { mode, rate, paths } = this.#settings;
    if (mode === 'none' || (mode === 'drop-after-commit' && method !== 'POST')) return 'none';
    if (paths !== undefined && !paths.some((start) => path.startsWith(start))) return 'none';
    if (rate < 1 && this.#random.next() >= rate) return 'none';
    this.injected[mode] += 1;
    return mode;
  }

  /** The status of an `error`. */
  errorStatus(): number {
    return this.#settings.status ?? this.#random.pick([500, 502, 503, 504]);
  }
}

/** The settings that a JSON body stands for, or the problem with it. */
export function readFaultSettings(body: unknown): FaultSettings | Problem {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return problem(400, 'invalid-body', 'A JSON object was expected.');
  const fields = body as Record<string, unknown>;
  const errors: string[] = [];
  const number = (name: string, low: number, high: number, otherwise: number): number => {
    const value = fields[name] ?? otherwise;
    if (typeof value === 'number' && value >= low && value <= high) return value;
    errors.push(`${name} must be a number from ${low} to ${high}`);
    return otherwise;
  };
  const mode = fields['mode'] ?? 'none';
  if (!FAULT_MODES.some((known) => known === mode)) errors.push(`mode must be one of ${FAULT_MODES.join(', ')}`);
  const paths = fields['paths'];
  if (paths !== undefined && !(Array.isArray(paths) && paths.every((path) => typeof path === 'string'))) errors.push('paths must be a list of texts');
  const settings: FaultSettings = {
    mode: mode as FaultMode,
    rate: number('rate', 0, 1, 1),
    delayMs: number('delayMs', 0, 600_000, 0),
    seed: number('seed', 0, 4_294_967_295, 1),
    ...(fields['status'] === undefined ? {} : { status: number('status', 400, 599, 500) }),
    ...(fields['retryAfterSeconds'] === undefined ? {} : { retryAfterSeconds: number('retryAfterSeconds', 0, 86_400, 1) }),
    ...(paths === undefined ? {} : { paths: paths as string[] }),
  };
  return errors.length === 0 ? settings : problem(400, 'invalid-body', 'The fault settings cannot be read.', errors);
}
