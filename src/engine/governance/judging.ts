import type { SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import { judgeFlows } from '../../governance/gate/judge.ts';
import type { Judgement, OpenBreakGlass, RuleSet } from '../../governance/gate/judge.ts';
import type { Flows } from '../../governance/gate/rules/flows.ts';
import type { RuleContext } from '../../governance/gate/rules/rule.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Clock } from '../support/clock.ts';
import type { GateState } from './port.ts';
import { ruleFacts } from './rule-facts.ts';

/** How long a judgement is good for the same flows: from the HTTP layer to the storage module. */
const REUSE_MS = 10_000;

export interface JudgingDeps {
  readonly site: string;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly rules: RuleSet;
  readonly catalogue: SiteCatalogue;
  readonly contentHash: RuleContext['contentHash'];
  state(): GateState;
  /** As its file holds it; undefined: none. */
  baseline(): unknown;
  breakGlass(): readonly OpenBreakGlass[];
}

/** What runs, with the fingerprints of its findings. */
export interface JudgedAgainst { readonly flows: Flows | undefined; readonly known: ReadonlySet<string> }

interface Judged { readonly at: number; readonly hash: string; readonly policy: string | undefined; readonly glass: string; readonly judgement: Judgement }

/** Judges flows by what holds at the moment, and keeps the last judgement for as long as it is good. */
export class Judging {
  readonly #deps: JudgingDeps;
  #judged: Judged | undefined;

  constructor(deps: JudgingDeps) {
    this.#deps = deps;
  }

  /** What is asked for next is judged anew: other flows run, or other things hold. */
  forget(): void {
    this.#judged = undefined;
  }

  async judge(flows: unknown, hash: string, running: JudgedAgainst | undefined): Promise<Judgement> {
    const { rules, catalogue, clock, site, ledger, contentHash, baseline, breakGlass, state } = this.#deps;
    const policy = catalogue.policy();
    const reusable = this.#judged;
    const open = breakGlass();
    const glass = open.map(({ id }) => id).join();
    if (reusable?.hash === hash && reusable.policy === policy?.version && reusable.glass === glass && performance.now() - reusable.at < REUSE_MS) return reusable.judgement;
    const context = await ruleFacts({ now: clock.iso(), site, ledger, catalogue, contentHash });
    const judgement = judgeFlows(rules, {
      flows, before: running?.flows, known: running?.known ?? new Set(), context, policy, baseline: baseline(), waivers: catalogue.waivers(), breakGlass: open, warnOnly: state().mode === 'warn',
    });
    this.#judged = { at: performance.now(), hash, policy: policy?.version, glass, judgement };
    return judgement;
  }
}
