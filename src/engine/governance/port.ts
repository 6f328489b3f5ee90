import type { CatalogueState, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { JudgedFinding, OpenBreakGlass } from '../../governance/gate/judge.ts';
import type { FlowNode } from '../../governance/gate/rules/flows.ts';
import type { DeployWay } from '../../domain/events.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { ChangePort } from './change-port.ts';

export type { CatalogueState, DeployWay, FlowNode, JudgedFinding, OpenBreakGlass, SiteCatalogue };

/** Governance of a site as nodes, editor, web and the modules of settings.js see it. */
export interface GovernancePort {
  readonly gate: GatePort;
  /** Verified; empty where the site has none. */
  readonly catalogue: SiteCatalogue;
  readonly changes: ChangePort;
  /** Asks the source of the catalogue for news, now. */
  refreshCatalogue(): Promise<CatalogueState>;
  /** Templates in the flows that were admitted last. */
  installed(): readonly InstalledTemplate[];
  readonly breakGlass: BreakGlassPort;
}

export interface InstalledTemplate {
  readonly id: string;
  readonly version: string;
  readonly kind: 'block' | 'flow';
  /** `WAYBILL_INSTANCE` of a flow; '' when it has none. */
  readonly instance: string;
  /** Ids of the subflow's definition, or of the tabs. */
  readonly containers: readonly string[];
  /** Of what stands there now; undefined when it cannot be brought into normal form. */
  readonly contentHash: string | undefined;
  /** Where its parameters are set: instances of a block, tabs of a flow; values as JSON. */
  readonly places: readonly { readonly node: string; readonly parameters: Readonly<Record<string, string | null>> }[];
}

/**
 * `active`: every deploy passes the gate. `ungated`: the site has no catalogue, so nothing is asked of it centrally.
 * `missing`: it has one, and Node-RED does not use the gate. `refusing`: the gate cannot judge.
 */
export type GateStateName = 'active' | 'ungated' | 'missing' | 'refusing';

export interface GateState {
  readonly state: GateStateName;
  readonly code: string;
  /** One sentence for people: why, and what to do. */
  readonly reason: string;
  /** The site has a catalogue. */
  readonly governed: boolean;
  /** What of the gate is in settings.js. */
  readonly storage: boolean;
  readonly middleware: boolean;
  /** `warn`: errors are shown and refuse nothing, because the site has just begun and has no policy yet. */
  readonly mode: 'enforce' | 'warn';
  readonly policyVersion: string | undefined;
  readonly baseline: { readonly takenAt: string; readonly findings: number } | undefined;
}

/** What the gate found last: of what runs, and of what was refused last when nothing was admitted since. */
export interface FindingsReport {
  readonly at: string;
  readonly way: DeployWay;
  readonly refused: boolean;
  readonly flowsHash: string;
  /** File that holds what was refused, when it was found on the disk. */
  readonly setAside?: string;
  /** What runs although something else was to: said in words. */
  readonly note?: string;
  readonly findings: readonly JudgedFinding[];
}

/** Whoever deploys, as Node-RED knows them; undefined where its editor asks nobody for a name. */
export interface DeployUser { readonly username?: unknown }

export interface Verdict {
  readonly ok: boolean;
  /** One text, plain, for whoever deploys. */
  readonly message: string;
  readonly findings: readonly JudgedFinding[];
  readonly flowsHash: string;
}

/** Flows and credentials as the storage has them, or is to serve them. */
export interface StoredFlows { readonly flows: unknown; readonly credentials: unknown }

export interface GatePort {
  state(): GateState;
  /** Why governed steps do not run, in one sentence; undefined when they may. */
  blocks(): string | undefined;
  findings(): FindingsReport | undefined;
  /** Judges without admitting: what a deploy would be told. A refusal is recorded. */
  judge(flows: unknown, way: DeployWay, user: DeployUser | undefined): Promise<Verdict>;
  /** Judges what stands in an editor; nothing is recorded and nothing that runs is concerned. */
  check(flows: unknown): Promise<Verdict>;
  /** Flows that were admitted last, for `POST /flow` and the like; hash of them as Node-RED's revision. */
  running(): { readonly nodes: readonly FlowNode[]; readonly hash: string } | undefined;
  /** Judges, saves, records and keeps a copy of what was admitted; or refuses, and nothing is saved. Rejects when saving fails. */
  deploy(input: DeployInput): Promise<Verdict>;
  /** What of the flows that were read may run. Never rejects for what was read. */
  load(input: LoadInput): Promise<Loaded>;
}

export interface DeployInput {
  /** Name of the active project, '' without projects. */
  readonly scope: string;
  readonly flows: unknown;
  readonly user: DeployUser | undefined;
  save(): Promise<void>;
  /** As they stand in the storage after saving. */
  credentials(): Promise<unknown>;
}

export interface LoadInput extends StoredFlows { readonly scope: string; readonly way: 'start' | 'reload' | 'project' }

export interface Loaded extends StoredFlows {
  /** The flows may be shown and edited, and must not start. */
  readonly hold: boolean;
  /** The storage has lost the credentials; these are to be written anew. */
  readonly restore?: boolean;
}

export interface BreakGlassPort {
  /** Those that hold, and those that wait for a second person. */
  list(): readonly BreakGlassView[];
  ask(input: { readonly rules: readonly string[]; readonly reason: string; readonly hours: number; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<{ readonly breakGlass: BreakGlassView }>>;
  agree(input: { readonly id: string; readonly by: PersonIdentity }): Promise<Outcome<{ readonly breakGlass: BreakGlassView }>>;
  end(input: { readonly id: string; readonly by: PersonIdentity }): Promise<Outcome<{ readonly breakGlass: BreakGlassView }>>;
}

export interface BreakGlassView {
  readonly id: string; readonly rules: readonly string[]; readonly hours: number; readonly reason: string;
  /** Pseudonyms. */
  readonly by: string; readonly second: string | undefined;
  readonly askedAt: string;
  readonly state: 'asked' | 'open' | 'over';
  readonly until: string | undefined;
}
