import { readFileSync } from 'node:fs';
import type { Clock } from '../../support/clock.ts';
import { once } from '../../support/reporting.ts';
import { writeWhole } from '../../support/write-whole.ts';
import { countRequest, noOutcomes } from './request-row.ts';
import type { RequestOutcome, RequestRow } from './request-row.ts';

/** Rows that are kept; who comes later takes the place of whom nobody has heard of for longest. */
const MOST_ROWS = 200;
const WRITE_EVERY_MS = 30_000;
const FORM = 1;

/** One request that was answered. `code`: why it was refused. */
export interface AnsweredRequest { readonly service: string; readonly operation: string; readonly caller: string; readonly outcome: RequestOutcome; readonly code?: string }

const keyOf = ({ service, operation, caller }: Pick<RequestRow, 'service' | 'operation' | 'caller'>): string => [service, operation, caller].join(' ');

/**
 * Counts who calls what this site offers, and what comes of it; refusals stand in no ledger. Kept in a file of the home that is
 * written whole every half minute: what a crash loses is the count of that, and no request.
 */
export class RequestBook {
  readonly #file: string;
  readonly #ledgerId: string;
  readonly #clock: Clock;
  readonly #rows = new Map<string, RequestRow>();
  #changed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: { readonly file: string; readonly ledgerId: string; readonly clock: Clock }) {
    this.#file = options.file;
    this.#ledgerId = options.ledgerId;
    this.#clock = options.clock;
  }

  start(): void {
    for (const row of readRows(this.#file, this.#ledgerId)) this.#rows.set(keyOf(row), row);
    this.#timer = setInterval(() => { void this.#write(); }, WRITE_EVERY_MS);
    this.#timer.unref();
  }

  count(request: AnsweredRequest): void {
    this.#changed = true;
    countRequest(this.#row(request), request.outcome, request.code, this.#clock.now());
  }

  rows(): readonly RequestRow[] {
    return [...this.#rows.values()];
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  #row({ service, operation, caller }: AnsweredRequest): RequestRow {
    const key = keyOf({ service, operation, caller });
    let row = this.#rows.get(key);
    if (row !== undefined) return row;
    if (this.#rows.size >= MOST_ROWS) {
      const [oldest] = [...this.#rows].reduce((a, b) => (b[1].lastAt < a[1].lastAt ? b : a));
      this.#rows.delete(oldest);
    }
    const since = this.#clock.iso();
    this.#rows.set(key, row = { service, operation, caller, since, lastAt: since, total: noOutcomes(), hours: [] });
    return row;
  }

  /** One at a time; what could not be written is written with the next. */
  #write(): Promise<void> {
    if (!this.#changed) return this.#writing;
    this.#changed = false;
    const text = JSON.stringify({ form: FORM, ledgerId: this.#ledgerId, rows: this.rows() });
    this.#writing = this.#writing.then(() => writeWhole(this.#file, text)).catch((error: unknown) => {
      this.#changed = true;
      once('service-requests', `The figures of who calls this site could not be written (${(error as Error).message}); until they can, a restart forgets them.`);
    });
    return this.#writing;
  }
}

/** None when there is no file, it cannot be read, or it is of another ledger or form: then figures begin anew. */
function readRows(file: string, ledgerId: string): readonly RequestRow[] {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as { readonly form: number; readonly ledgerId: string; readonly rows: readonly RequestRow[] };
    return content.form === FORM && content.ledgerId === ledgerId ? content.rows : [];
  } catch {
    return [];
  }
}
