import type { Json, JsonObject } from '../../../domain/json.ts';
import type { Flows } from './flows.ts';
import { RULES } from './index.ts';
import { readFlows } from './read-flows.ts';
import type { Rule } from './rule.ts';
import { DEFAULT_POLICY, runRules } from './run.ts';

/** An option as nrlint's settings show it. */
interface NrlintOption { readonly type: 'number' | 'boolean'; readonly default: Json; readonly label: string }

/** The flows as nrlint has parsed them (`@node-red/flow-parser`, NRFlowSet). */
interface NrlintFlows { export(): unknown }

interface NrlintContext {
  readonly flows: NrlintFlows;
  report(finding: { readonly location: readonly string[]; readonly message: string; readonly severity: 'error' | 'warn' }): void;
}

/** A rule of nrlint 1.x (lib/linter.js): `create` answers what is called on the way through the flows. */
export interface NrlintRule {
  readonly meta: {
    readonly type: 'problem'; readonly severity: 'error' | 'warn';
    readonly docs: { readonly description: string };
    readonly options: Readonly<Record<string, NrlintOption>>;
  };
  create(context: NrlintContext, options: unknown): { start(): void };
}

/** They ask what only the gate knows: a catalogue, open cases, what is installed; and what cannot be read nrlint does not get. */
const OF_THE_GATE: ReadonlySet<string> = new Set([
  'malformed-flows', 'template-unchanged', 'parameters-in-bounds', 'retired-version', 'deprecated-version', 'open-cases-removed', 'modules-allowed', 'service-unknown', 'request-incomplete', 'retired-service', 'deprecated-service',
]);

/** One lint asks every rule about the same flows. */
const read = new WeakMap<NrlintFlows, Flows>();

function flowsOf(parsed: NrlintFlows): Flows {
  const known = read.get(parsed) ?? readFlows(parsed.export());
  read.set(parsed, known);
  return known;
}

/** `noEval` as `no eval`. */
const worded = (name: string): string => name.replace(/([A-Z])/g, ' $1').toLowerCase();

function optionsOf(rule: Rule): Readonly<Record<string, NrlintOption>> {
  return Object.fromEntries(Object.entries(rule.options ?? {}).flatMap(([name, value]): [string, NrlintOption][] =>
    (typeof value === 'number' || typeof value === 'boolean' ? [[name, { type: typeof value as 'number' | 'boolean', default: value, label: worded(name) }]] : [])));
}

function nrlintRule(rule: Rule): NrlintRule {
  return {
    meta: { type: 'problem', severity: rule.level === 'error' ? 'error' : 'warn', docs: { description: rule.title }, options: optionsOf(rule) },
    create: (context, options) => ({
      start: () => {
        const said = (typeof options === 'object' && options !== null ? options : {}) as JsonObject;
        const policy = { ...DEFAULT_POLICY, rules: { [rule.code]: { options: said } } };
        // Templates and open cases are not judged here, so the date matters to none of these rules.
        for (const { node, message, mend, level } of runRules(flowsOf(context.flows), { now: '' }, policy, { rules: [rule] })) {
          context.report({ location: node === undefined ? [] : [node.id], message: `${message} ${mend}`, severity: level });
        }
      },
    }),
  };
}

/** The rules that judge by the flows alone, as a plugin of nrlint: `waybill-<code>`. */
export function nrlintRules(): Readonly<Record<string, NrlintRule>> {
  return Object.fromEntries(RULES.filter(({ code }) => !OF_THE_GATE.has(code)).map((rule) => [`waybill-${rule.code}`, nrlintRule(rule)]));
}
