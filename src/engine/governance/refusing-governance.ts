import { hasCatalogueCache } from '../../governance/catalogue/kept.ts';
import { flowsHash } from '../../governance/gate/content.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { WaybillSettings } from '../api.ts';
import { gateState } from './gate-state.ts';
import { noCatalogue } from './no-catalogue.ts';
import type { DeployInput, GatePort, GateState, GovernancePort, Loaded, LoadInput, Verdict } from './port.ts';

/**
 * Of an engine that could not open: it can neither judge nor record. A site with a catalogue keeps its flows as they
 * are; one without works as a plain Node-RED, so that somebody can mend it.
 */
export class RefusingGovernance implements GovernancePort, GatePort {
  readonly gate: GatePort = this;
  readonly catalogue = noCatalogue;
  readonly #settings: WaybillSettings;
  readonly #reason: string;
  constructor(settings: WaybillSettings, reason: string) {
    this.#settings = settings;
    this.#reason = reason;
  }

  readonly breakGlass: GovernancePort['breakGlass'] = { list: () => [], ask: () => this.#refuse(), agree: () => this.#refuse(), end: () => this.#refuse() };
  readonly changes: GovernancePort['changes'] = {
    request: () => this.#refuse(), comment: () => this.#refuse(), decide: () => this.#refuse(), bring: () => this.#refuse(), withdraw: () => this.#refuse(), get: () => this.#reject(), detail: () => this.#reject(),
    mayDecide: () => false, list: () => this.#reject(), waivers: () => this.#reject(), follow: () => Promise.resolve(),
  };
  #reject(): Promise<never> {
    return Promise.reject(new LedgerError('unavailable', this.#reason));
  }
  #refuse(): Promise<{ readonly ok: false; readonly code: string; readonly message: string; readonly status: 'unavailable' }> {
    return Promise.resolve({ ok: false, code: 'engine-refusing', message: this.#reason, status: 'unavailable' });
  }

  readonly refreshCatalogue = (): ReturnType<typeof noCatalogue.refresh> => noCatalogue.refresh();
  readonly installed = (): readonly [] => [];
  /** Nothing runs: the engine refuses. */
  readonly blocks = (): undefined => undefined;
  readonly findings = (): undefined => undefined;
  readonly running = (): undefined => undefined;
  get #governed(): boolean {
    return this.#settings.catalogue !== undefined || hasCatalogueCache(this.#settings.home);
  }
  state(): GateState {
    return gateState({ governed: this.#governed, policyVersion: undefined, wanted: this.#settings.gate ?? 'enforce', baseline: undefined, problem: this.#reason });
  }
  judge(flows: unknown): Promise<Verdict> {
    const hash = flowsHash(flows);
    if (!this.#governed) return Promise.resolve({ ok: true, message: '', findings: [], flowsHash: hash });
    const message = `Waybill did not deploy this; what ran goes on running. The deploy gate can neither judge nor record: ${this.#reason}`;
    return Promise.resolve({
      ok: false, message, flowsHash: hash,
      findings: [{ rule: 'gate-refusing', level: 'error', message: `The deploy gate can neither judge nor record: ${this.#reason}`, mend: 'Mend that, restart Node-RED and deploy again.', fingerprint: 'gate-refusing', place: 'gate-refusing', yours: false }],
    });
  }
  check(flows: unknown): Promise<Verdict> {
    return this.judge(flows);
  }
  async deploy({ flows, save }: DeployInput): Promise<Verdict> {
    const verdict = await this.judge(flows);
    if (verdict.ok) await save();
    return verdict;
  }
  /** No governed step runs while the engine refuses, so what is on the disk may be shown and run. */
  load({ flows, credentials }: LoadInput): Promise<Loaded> {
    return Promise.resolve({ flows, credentials, hold: false });
  }
}
