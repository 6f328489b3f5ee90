import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import type { FlowNode, ScenarioPerson } from './runtime/messages.ts';

/** How a scripted system answers a request; see docs/scenarios.md. */
export interface ScriptedAnswer {
  readonly when?: JsonObject;
  readonly times?: number;
  readonly status?: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads the request and never answers. */
  readonly hang?: boolean;
  /** Reads the request and breaks the connection: nobody can tell whether it acted. */
  readonly reset?: boolean;
}
export interface ScriptedSystem { readonly answers?: readonly ScriptedAnswer[]; readonly otherwise?: ScriptedAnswer; readonly down?: boolean }

/** Picks one row: by its most telling column, or by any of its columns, and by `$nth` where several fit. */
export type Selector = string | JsonObject;

export type Changes = Readonly<Record<string, JsonObject | null>>;

/** A list that is expected: exactly these in this order, or what it holds, lacks and counts. */
export type ExpectedList = readonly Json[] | { readonly count?: number; readonly contains?: readonly Json[]; readonly absent?: readonly Json[]; readonly keys?: number };

export interface Expectation {
  readonly cases?: ExpectedList;
  readonly tasks?: ExpectedList;
  readonly exceptions?: ExpectedList;
  readonly deadLetters?: ExpectedList;
  readonly quarantine?: ExpectedList;
  readonly timers?: ExpectedList;
  readonly events?: readonly Json[] | { readonly contains?: readonly Json[]; readonly absent?: readonly Json[]; readonly counts?: Readonly<Record<string, number>> };
  readonly calls?: Readonly<Record<string, ExpectedList>>;
  readonly outputs?: Readonly<Record<string, ExpectedList>>;
  readonly log?: ExpectedList;
  readonly statuses?: Readonly<Record<string, Json>>;
  readonly document?: JsonObject;
  readonly outcome?: string | null;
  readonly answer?: Json;
  readonly now?: string;
}

interface ByPerson { readonly by: string }
export interface Actions {
  readonly inject: { readonly node: string; readonly msg?: JsonObject };
  readonly scan: { readonly topic: string; readonly payload: Json };
  readonly look: { readonly task?: Selector; readonly exception?: Selector; readonly deadLetter?: Selector; readonly case?: Selector; readonly quarantine?: Selector };
  readonly decide: ByPerson & { readonly task?: Selector; readonly decision: string; readonly comment?: string; readonly seen?: string; readonly staleFacts?: boolean; readonly with?: JsonObject };
  readonly claim: ByPerson & { readonly task?: Selector };
  readonly release: ByPerson & { readonly task?: Selector };
  readonly resolve: ByPerson & { readonly exception?: Selector; readonly outcome: string; readonly code?: string; readonly note?: string; readonly correction?: JsonObject; readonly with?: JsonObject };
  readonly settleOutcome: ByPerson & { readonly exception?: Selector; readonly outcome: 'happened' | 'not-happened'; readonly response?: Json };
  readonly replay: ByPerson & { readonly deadLetter?: Selector; readonly request?: JsonObject };
  readonly signal: ByPerson & JsonObject;
  readonly api: ByPerson & { readonly method: string; readonly path: string; readonly body?: Json; readonly headers?: Readonly<Record<string, string>>; readonly find?: Readonly<Record<string, JsonObject>> };
  readonly system: ScriptedSystem & { readonly name: string };
  readonly advance: string | { readonly by?: string; readonly until?: string };
  readonly deploy: { readonly flow?: string | readonly FlowNode[]; readonly change?: Changes; readonly type?: 'full' | 'flows' | 'nodes' };
  readonly restart: 'clean' | 'kill' | { readonly how: 'clean' | 'kill'; readonly after?: string };
  readonly together: { readonly steps: readonly Step[]; readonly ok: number; readonly refused?: readonly string[] };
}
export type ActionName = keyof Actions;

/** One action at most, and what is expected after it. */
export type Step = { readonly [N in ActionName]?: Actions[N] } & {
  readonly note?: string;
  readonly expect?: Expectation;
  /** Code of the refusal that an action of a person must meet. */
  readonly refused?: string;
  /** Status of the answer that it must meet. */
  readonly status?: number;
  /** Name under which later steps find the answer, or what was looked at. */
  readonly as?: string;
  /** Idempotency-Key of the request. */
  readonly key?: string;
};

export interface Scenario {
  readonly title: string;
  /** The rules that this scenario holds, in words. */
  readonly holds?: readonly string[];
  readonly flow: string | readonly FlowNode[];
  readonly change?: Changes;
  readonly clock: { readonly start: string; readonly timeZone?: string };
  readonly site?: string;
  readonly people?: readonly ScenarioPerson[];
  readonly systems?: Readonly<Record<string, ScriptedSystem>>;
  /** Folders of the services that the site's catalogue has, from the scenario's file. */
  readonly services?: readonly string[];
  readonly files?: Readonly<Record<string, Json>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly tuning?: JsonObject;
  readonly steps: readonly Step[];
}

/** A scenario as it is played: where it stands, its flow and its services read. */
export interface LoadedScenario { readonly file: string; readonly scenario: Scenario; readonly flows: readonly FlowNode[]; readonly services?: readonly ServiceDefinition[] }

export const actionNames: readonly ActionName[] = [
  'inject', 'scan', 'look', 'decide', 'claim', 'release', 'resolve', 'settleOutcome', 'replay', 'signal', 'api', 'system', 'advance', 'deploy', 'restart', 'together',
];

/** The action of a step; undefined where it only expects. */
export function actionOf(step: Step): ActionName | undefined {
  return actionNames.find((name) => step[name] !== undefined);
}
