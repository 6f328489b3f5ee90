import type { JsonObject } from '../../../domain/json.ts';
import type { GatePolicy } from './policy.ts';
import type { Flows, FlowNode } from './flows.ts';

/** What a finding does: `error` refuses the deploy, `warn` is shown, `off` is not looked for. */
export type Level = 'error' | 'warn' | 'off';

/** What a rule has found, in words for the person in front of the editor. */
export interface Breach {
  /** The node, tab, subflow or config node that it is about; absent when it is about the flows as a whole. */
  readonly node?: FlowNode;
  /** Property or parameter of the node. */
  readonly property?: string;
  /** One sentence: what is wrong here. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly mend: string;
  /** What tells this breach from another of the same rule at the same node, over renames and moves; the property unless said. */
  readonly about?: string;
  /** Below that of the rule: what could not be checked may be fine. */
  readonly level?: Level;
}

/** A breach with its level, as the gate, the editor, `waybill check` and the API show it. */
export interface Finding {
  /** Code of the rule, `docs/rules/<code>.md` is its page. */
  readonly rule: string;
  readonly level: Exclude<Level, 'off'>;
  readonly message: string;
  readonly mend: string;
  readonly node?: { readonly id: string; readonly type: string; readonly name: string; readonly tab?: string; readonly tabLabel?: string };
  readonly property?: string;
  /** The same for the same breach at every deploy, whatever is moved or renamed: baseline and waivers go by it. */
  readonly fingerprint: string;
  /** The same for the breach at this very node, whatever else of the node is edited: a baseline goes by it first. */
  readonly place: string;
  /** Template (`id@version`) that the node comes from, when it comes from one. */
  readonly template?: string;
  /** Admitted although it is an error: it was there when the baseline was taken, or a waiver covers it until `until`. */
  readonly admitted?: { readonly by: 'baseline' | 'waiver' | 'break-glass'; readonly id?: string; readonly until?: string };
}

/** One rule of the gate. Pure: the same in the gate, in `waybill check` and in nrlint. */
export interface Rule {
  /** kebab-case, stable for ever: policies and waivers name it. */
  readonly code: string;
  readonly title: string;
  /** Level where the policy says nothing. */
  readonly level: Level;
  /** Level at nodes that have nothing to do with a case (see `Flows.isGoverned`), never above `level`; the same when absent. */
  readonly elsewhere?: Level;
  /** Options with their defaults; the policy overrides them. */
  readonly options?: JsonObject;
  /** `policy` is the whole policy, for the rules that judge by its other parts. */
  check(flows: Flows, context: RuleContext, options: JsonObject, policy: GatePolicy): Iterable<Breach>;
}

/** A published template as rules need it. */
export interface TemplateFacts {
  /** `family/name`. */
  readonly id: string;
  readonly version: string;
  readonly family: string;
  readonly owner: string;
  readonly kind: 'block' | 'flow';
  /** Content hash of its flow in normal form, `sha256:<hex>`. */
  readonly contentHash: string;
  readonly status: 'published' | 'deprecated' | 'retired';
  /** ISO date from which a deprecated version is retired. */
  readonly sunset?: string;
  readonly parameters: Readonly<Record<string, ParameterFacts>>;
  /** Its flow as it is imported; without it copies of it cannot be told by likeness. */
  readonly flow?: readonly FlowNode[];
  /** Where cases of older versions go: by step id the step that takes them over, `drain` or `refuse`. */
  readonly migrations?: readonly { readonly from: string; readonly steps: Readonly<Record<string, string>> }[];
}

export interface ParameterFacts {
  /** What its form calls it; its name where it has none. */
  readonly title?: string;
  readonly scope: 'central' | 'site';
  readonly default?: unknown;
  readonly required?: boolean;
  /** Kept in Node-RED's credentials, never in the flow. */
  readonly secret?: boolean;
  /** JSON Schema of the value, with the central bounds in it. */
  readonly schema: JsonObject;
}

/** A version of a service as rules need it. */
export interface ServiceRuleFacts {
  /** `family/name`. */
  readonly id: string;
  readonly version: string;
  readonly owner: string;
  /** The kind of system that offers it. */
  readonly system: string;
  readonly operations: readonly string[];
  /** Contracts of requests (JSON Schema) by operation, where there is one. */
  readonly requests?: Readonly<Record<string, object>>;
  /** Waybill itself offers it. */
  readonly offered?: boolean;
  readonly status: 'published' | 'deprecated' | 'retired';
  /** Day (ISO 8601) from which a deprecated version is retired. */
  readonly sunset?: string;
  /** What takes its place: `family/name@1.2.0`. */
  readonly successor?: string;
}

/** What rules know besides the flows. Everything is optional but the date: `waybill check` may have flows alone. */
export interface RuleContext {
  /** ISO instant. */
  readonly now: string;
  readonly site?: string;
  /** Templates of the catalogue by `id@version`; undefined when no catalogue is there. */
  readonly templates?: ReadonlyMap<string, TemplateFacts>;
  /** Services of the catalogue by `family/name@1.2.0`; undefined when no catalogue is there. */
  readonly services?: ReadonlyMap<string, ServiceRuleFacts>;
  /** Content hash of a template's nodes in normal form; undefined where none can be made (the editor). */
  readonly contentHash?: (nodes: readonly FlowNode[]) => string;
  /** Flows that run now. */
  readonly before?: Flows;
  /** Open cases by address (`instance/stepId`). */
  readonly openCases?: ReadonlyMap<string, number>;
  /** An environment variable of the machine that the flows run on; absent where that is another one (`waybill check`). */
  readonly machine?: (name: string) => string | undefined;
  /** What provides a node type: module and version; undefined when the type is not installed. */
  readonly provider?: (type: string) => { readonly module: string; readonly version: string } | undefined;
}
