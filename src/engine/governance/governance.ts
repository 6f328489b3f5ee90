import { hasCatalogueCache } from '../../governance/catalogue/kept.ts';
import { GateStore } from '../../governance/gate/store.ts';
import type { RuleSet } from '../../governance/gate/judge.ts';
import type { CatalogueState, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import { readBaseline, takeBaseline } from '../../governance/gate/rules/baseline.ts';
import type { Baseline } from '../../governance/gate/rules/baseline.ts';
import { movesOf } from '../../governance/gate/rules/moves.ts';
import type { Moves } from '../../governance/gate/rules/moves.ts';
import type { Finding, RuleContext } from '../../governance/gate/rules/rule.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { WaybillSettings } from '../api.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';
import { CatalogueWatch } from './catalogue-watch.ts';
import { BreakGlass } from './break-glass.ts';
import type { ChangePort } from './change-port.ts';
import { Gate } from './gate.ts';
import { GateLog } from './gate-log.ts';
import { gateState } from './gate-state.ts';
import { gateParts } from './in-place.ts';
import { installedIn } from './installed.ts';
import type { FindingsReport, GateState, GovernancePort, InstalledTemplate } from './port.ts';
import { templatesOf } from './rule-facts.ts';

const noMoves: Moves = { moves: [], unknown: new Map() };

/** How often what runs is judged again, for waivers, break-glass and versions whose time is over. */
const AGAIN_MS = 60 * 60_000;

export interface GovernanceDeps {
  readonly settings: WaybillSettings;
  readonly ledger: Ledger;
  readonly siteLog: SiteLog;
  readonly accounts: AccountStore | undefined;
  readonly clock: Clock;
  readonly catalogue: SiteCatalogue;
  readonly changes: ChangePort;
  readonly rules: RuleSet;
  readonly contentHash: RuleContext['contentHash'];
  pseudonym(id: string): string;
}

/** Joins gate, catalogue and ledger of one site. */
export class Governance implements GovernancePort {
  readonly gate: Gate;
  readonly catalogue: SiteCatalogue;
  readonly breakGlass: BreakGlass;
  readonly changes: ChangePort;
  readonly #deps: GovernanceDeps;
  readonly #store: GateStore;
  readonly #log: GateLog;
  /** It keeps a copy of one. */
  #hadCatalogue: boolean;
  #hadPolicy = false;
  #started = false;
  readonly #mailbox = new Mailboxes();
  readonly #watch: CatalogueWatch;
  #baseline: Baseline | undefined;
  #hourly: NodeJS.Timeout | undefined;
  /** What the catalogue has of templates may be something else than before. */
  templatesChanged: () => void = () => undefined;
  /** Tells the editors. */
  publish: (report: FindingsReport) => void = () => undefined;

  constructor(deps: GovernanceDeps) {
    const { settings, ledger, clock, rules, catalogue, contentHash } = deps;
    this.#deps = deps;
    this.catalogue = catalogue;
    this.changes = deps.changes;
    this.#hadCatalogue = hasCatalogueCache(settings.home);
    this.#store = new GateStore(settings.home);
    this.#log = new GateLog(deps);
    this.breakGlass = new BreakGlass({ ...deps, store: this.#store, changed: () => this.#judgeAgain() });
    this.#watch = new CatalogueWatch({ catalogue, siteLog: deps.siteLog, random: Math.random, changed: () => this.#catalogueChanged() });
    this.gate = new Gate({
      site: settings.site, ledger, clock, store: this.#store, log: this.#log, rules, catalogue, contentHash,
      state: () => this.state(), baseline: () => this.#baseline, first: (breaches) => this.#first(breaches), breakGlass: () => this.breakGlass.open(), publish: (report) => this.publish(report),
    });
  }

  #catalogueChanged(): void {
    this.templatesChanged();
    this.#judgeAgain().catch((error: unknown) => once('judged-again', `What runs could not be judged by the new catalogue: ${String(error)}`));
    this.changes.follow().catch((error: unknown) => once('waivers', `The waivers of the catalogue could not be taken over: ${String(error)}`));
  }

  async #judgeAgain(): Promise<void> {
    if (this.#started) await this.#recordState();
    await this.gate.again();
    // What is held because its templates were not known yet waits for nobody. Nothing runs, so nothing is disturbed.
    if (await this.gate.isReleased()) await gateParts().reload?.();
  }

  /** Before any flow is read. */
  async start(): Promise<void> {
    const { catalogue, policy } = await this.#log.remembered();
    this.#hadCatalogue ||= catalogue;
    this.#hadPolicy = policy;
    await this.#readBaseline();
    await this.breakGlass.restore();
  }

  /** A site that had a catalogue once stays governed. */
  get governed(): boolean {
    return this.catalogue.state().state !== 'none' || this.#deps.settings.catalogue !== undefined || this.#hadCatalogue;
  }

  state(): GateState {
    const { gate: wanted = 'enforce' } = this.#deps.settings;
    return gateState({ governed: this.governed, policyVersion: this.catalogue.policy()?.version, hadPolicy: this.#hadPolicy, lost: this.catalogue.state().state === 'none', wanted, problem: undefined, baseline: this.#baseline === undefined ? undefined : { takenAt: this.#baseline.takenAt, findings: this.#baseline.findings.length } });
  }

  /** Why governed steps must not run; undefined when they may. */
  blocks(): string | undefined {
    return this.gate.blocks();
  }

  /** At every start of flows: by then Node-RED has opened the storage module, or does not use it. */
  async flowsStarted(): Promise<void> {
    this.#started = true;
    await this.#recordState();
  }
  /** One after the other: each compares with what was recorded last. */
  #recordState(): Promise<void> {
    return this.#mailbox.run('state', async () => {
      const { state, code, policyVersion } = this.state();
      if (policyVersion !== undefined) this.#hadPolicy = true;
      await this.#log.state({ state, code, ...(policyVersion === undefined ? {} : { policyVersion }) });
    });
  }

  installed(): readonly InstalledTemplate[] {
    return installedIn(this.gate.flows);
  }

  /** Where cases of older versions go on in the flows that run, by the migration maps of the templates in them. */
  moves(): Moves {
    const { flows } = this.gate;
    return flows === undefined ? noMoves : movesOf(flows, templatesOf(this.catalogue));
  }

  /** Looks for news in the catalogue, from now on. */
  watch(): void {
    this.#watch.start();
    this.breakGlass.start();
    this.#hourly = setInterval(() => {
      this.#judgeAgain().catch((error: unknown) => once('judged-hourly', `What runs could not be judged again: ${String(error)}`));
    }, AGAIN_MS);
    this.#hourly.unref();
  }
  refreshCatalogue(): Promise<CatalogueState> {
    return this.#watch.refresh();
  }

  async close(): Promise<void> {
    clearInterval(this.#hourly);
    this.breakGlass.stop();
    await this.gate.close();
    await this.#watch.stop();
  }

  /** The first baseline counts; one that was changed after the ledger had it is none. */
  async #readBaseline(): Promise<void> {
    const found = await this.#store.baseline();
    if (found === undefined) return;
    const baseline = readBaseline(found.baseline);
    if (baseline === undefined) return once('baseline', `The baseline ${this.#store.folder}/baseline.json cannot be read, so it admits nothing.`);
    const known = await this.#log.baselineHash();
    if (known === undefined || known === found.hash) {
      this.#baseline = baseline;
      return;
    }
    once('baseline', `The baseline ${this.#store.folder}/baseline.json was changed after it was taken, so it admits nothing. Put the old one back.`);
    await this.#log.drift({ what: 'baseline', found: found.hash, expected: known, outcome: 'ignored' }).catch((error: unknown) => once('baseline-drift', `That the baseline was changed could not be recorded: ${String(error)}`));
  }

  /**
   * The site begins: in `warn`, what its flows breach today is admitted from here on, with what only a running Node-RED
   * knows, such as where node types come from. From here on the ledger knows the baseline.
   */
  async #first(breaches: readonly Finding[]): Promise<void> {
    if (await this.#log.baselineHash() !== undefined) return;
    const { clock } = this.#deps;
    if (this.state().mode === 'warn') {
      const taken = takeBaseline(breaches, this.#baseline?.takenAt ?? clock.iso());
      this.#baseline = { ...taken, findings: [...this.#baseline?.findings ?? [], ...taken.findings] };
      await this.#store.keepBaseline(this.#baseline);
    }
    const kept = await this.#store.baseline();
    if (this.#baseline === undefined || kept === undefined) return;
    await this.#log.baselineTaken({ baselineHash: kept.hash, findings: this.#baseline.findings.length, takenAt: this.#baseline.takenAt });
  }
}
