import { LedgerError } from '../../ledger/port.ts';
import { Looks } from '../support/looks.ts';
import { once } from '../support/reporting.ts';
import type { BreakGlassView } from './port.ts';
import type { GovernanceTask } from './governance-tasks.ts';

/** How often it is looked whether each use has its task. */
const everyMs = 60_000;

/** Every use of break-glass is reviewed by central architects: a task in their inbox, once, also when the site was killed right after it. */
export class BreakGlassReview {
  readonly #site: string;
  readonly #used: () => readonly BreakGlassView[];
  readonly #openTask: (task: GovernanceTask) => Promise<unknown>;
  readonly #asked = new Set<string>();
  readonly #looks = new Looks(everyMs, () => this.#ask().catch((error: unknown) => {
    if (!(error instanceof LedgerError)) once('break-glass-review', `The review of break-glass could not be asked for, and is again in a minute: ${String(error)}`);
  }));

  constructor(options: { readonly site: string; readonly used: () => readonly BreakGlassView[]; readonly openTask: (task: GovernanceTask) => Promise<unknown> }) {
    this.#site = options.site;
    this.#used = options.used;
    this.#openTask = options.openTask;
  }

  start(): void {
    this.#looks.start();
  }
  stop(): void {
    this.#looks.stop();
  }

  /** Never rejects: what could not be asked for now is the next time. */
  look(): Promise<void> {
    return this.#looks.now();
  }

  async #ask(): Promise<void> {
    for (const { id, rules, reason, until = '', hours, by, second } of this.#used()) {
      if (this.#asked.has(id)) continue;
      await this.#openTask({
        key: `break-glass:${id}`, site: this.#site, role: 'central-architect', title: `Break-glass was used at ${this.#site}: ${rules.join(', ')}`,
        question: 'Look at what was deployed past these rules and whether it still runs: have it mended, or answer it by a waiver or a new version. Approve when that is done; reject, with a comment, when it should not have been used.',
        shown: { rules: [...rules], reason, hours, until }, notBy: second === undefined ? [by] : [by, second],
      });
      this.#asked.add(id);
    }
  }
}
