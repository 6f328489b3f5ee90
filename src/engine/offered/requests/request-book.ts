import type { Clock } from '../../support/clock.ts';
import { KeptFile, readKept } from '../../support/kept-file.ts';
import type { Kept } from '../../support/kept-file.ts';
import { countRequest, noOutcomes } from './request-row.ts';
import type { RequestOutcome, RequestRow } from './request-row.ts';

/** Rows that are kept; who comes later takes the place of whom nobody has heard of for longest. */
const MOST_ROWS = 200;
const FORM = 1;

/** One request that was answered. `code`: why it was refused. */
export interface AnsweredRequest { readonly service: string; readonly operation: string; readonly caller: string; readonly outcome: RequestOutcome; readonly code?: string }

interface RequestContent extends Kept { readonly rows: readonly RequestRow[] }

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
  readonly #kept: KeptFile;

  constructor(options: { readonly file: string; readonly ledgerId: string; readonly clock: Clock }) {
    this.#file = options.file;
    this.#ledgerId = options.ledgerId;
    this.#clock = options.clock;
    this.#kept = new KeptFile({
      file: options.file,
      content: (): RequestContent => ({ form: FORM, ledgerId: options.ledgerId, rows: this.rows() }),
      unwritten: (why) => `The figures of who calls this site could not be written (${why}); until they can, a restart forgets them.`,
    });
  }

  start(): void {
    for (const row of readKept<RequestContent>(this.#file, { form: FORM, ledgerId: this.#ledgerId })?.rows ?? []) this.#rows.set(keyOf(row), row);
    this.#kept.start();
  }

  count(request: AnsweredRequest): void {
    this.#kept.changed();
    countRequest(this.#row(request), request.outcome, request.code, this.#clock.now());
  }

  rows(): readonly RequestRow[] {
    return [...this.#rows.values()];
  }

  async close(): Promise<void> {
    await this.#kept.close();
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
}
