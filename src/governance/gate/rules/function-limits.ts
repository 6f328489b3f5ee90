import type { JsonObject } from '../../../domain/json.ts';
import { reachOf } from './code/reach.ts';
import type { CodeModule, Reach } from './code/reach.ts';
import type { CodePart } from './code/syntax.ts';
import type { FlowNode, Flows } from './flows.ts';
import type { GatePolicy } from './policy.ts';
import { flagOption, listOption, numberOption } from './options.ts';
import { isVariable, textOf } from './property.ts';
import type { Breach, Rule } from './rule.ts';
import { called, Called, counted, shortened } from './words.ts';

/** What code reaches for, the option that forbids it, and what to do instead. */
const FORBIDDEN: Readonly<Record<Reach, { readonly option: string; readonly mend: string }>> = {
  require: { option: 'noRequire', mend: 'Use a node of a reviewed package instead.' },
  eval: { option: 'noEval', mend: 'Write the code out.' },
  global: { option: 'noGlobalWrites', mend: 'Keep it in the facts of the case, or in the context of the flow.' },
  network: { option: 'noNetwork', mend: 'Call the system with a "call" node, so that it is on record and nothing is done twice.' },
};

/** The pieces of code of a function node, as its editor calls them. */
const PIECES: readonly (readonly [property: string, tab: CodePart['tab']])[] = [['func', 'On Message'], ['initialize', 'On Start'], ['finalize', 'On Stop']];

function modulesOf(node: FlowNode): readonly CodeModule[] {
  const libs: unknown = node['libs'];
  return (Array.isArray(libs) ? libs as readonly unknown[] : []).flatMap((lib) => {
    const { var: name, module } = (typeof lib === 'object' && lib !== null ? lib : {}) as { readonly var?: unknown; readonly module?: unknown };
    return typeof module === 'string' && module !== '' ? [{ name: typeof name === 'string' ? name : '', module }] : [];
  });
}

function* ofModules(node: FlowNode, modules: readonly CodeModule[], allowed: ReadonlySet<string>): Generator<Breach> {
  for (const { module } of modules) {
    if (allowed.has(module.replace(/(?!^)@[^@]*$/, ''))) continue;
    yield { node, property: 'libs', about: module, message: `${Called(node)} loads the module ${module}, which nobody has reviewed.`, mend: 'Do without it, or ask for the module to be allowed.' };
  }
}

function* ofFunction(node: FlowNode, options: JsonObject, allowed: ReadonlySet<string>): Generator<Breach> {
  const pieces = PIECES.map(([property, tab]) => ({ property, tab, code: textOf(node, property) })).filter(({ code }) => code.trim() !== '');
  const lines = pieces.flatMap(({ code }) => code.split('\n')).filter((line) => line.trim() !== '').length;
  const characters = pieces.reduce((sum, { code }) => sum + code.length, 0);
  const [mostLines, mostCharacters] = [numberOption(options, 'lines', 150), numberOption(options, 'characters', 10_000)];
  if (lines > mostLines || characters > mostCharacters) {
    yield {
      node, property: 'func', about: 'size',
      message: lines > mostLines ? `${Called(node)} has ${counted(lines, 'line')} of code; at most ${mostLines} are allowed.` : `${Called(node)} has ${counted(characters, 'character')} of code; at most ${mostCharacters} are allowed.`,
      mend: 'Split it, or use a "decision" for rules and a "validate" for checks.',
    };
  }
  const elsewhere = pieces.find(({ code }) => isVariable(code));
  if (elsewhere !== undefined) {
    yield { node, property: elsewhere.property, about: 'unreadable', message: `The code of ${called(node)} is the variable ${shortened(elsewhere.code)} (${elsewhere.tab}), so nobody sees here what runs.`, mend: 'Write the code into the function.' };
    return;
  }
  const modules = modulesOf(node);
  for (const { reach, what, tab, line } of reachOf(pieces, modules)) {
    const at = { node, property: PIECES.find(([, each]) => each === tab)![0], about: reach };
    const where = `(${tab}, line ${line})`;
    if (reach === 'unreadable') {
      yield { ...at, message: `The code of ${called(node)} ${what} ${where}, so nobody can judge it.`, mend: 'Mend the code; the editor marks the place.' };
    } else if (flagOption(options, FORBIDDEN[reach].option, true)) yield { ...at, message: `${Called(node)} ${what} ${where}.`, mend: FORBIDDEN[reach].mend };
  }
  yield* ofModules(node, modules, allowed);
}

/** A value of the global context that a *change* node writes, or takes out of it. */
interface Written { readonly name: string; readonly out: boolean }

/** A setting that is a variable may be anything. */
const mayBeGlobal = (type: unknown): boolean => type === 'global' || isVariable(type);

function writtenBy(node: FlowNode): readonly Written[] {
  const rules: unknown = node['rules'];
  return (Array.isArray(rules) ? rules as readonly unknown[] : [node]).flatMap((rule) => {
    const { t, p, pt, to, tot } = (typeof rule === 'object' && rule !== null ? rule : {}) as Readonly<Record<string, unknown>>;
    return [...(mayBeGlobal(pt) ? [{ name: String(p ?? ''), out: t === 'delete' || t === 'move' }] : []), ...(t === 'move' && mayBeGlobal(tot) ? [{ name: String(to ?? ''), out: false }] : [])];
  });
}

/** Nodes without code that write into the global context as well. */
function* writers(flows: Flows): Generator<Breach> {
  const of = (node: FlowNode, property: string, { name, out }: Written): Breach => {
    // A name may begin with the store that it is in: `#:(file)::last`.
    const bare = name.replace(/^#:\([^)]{0,100}\)::/, '').trim();
    const what = bare === '' ? '' : `"${shortened(bare)}" `;
    return {
      node, property, about: 'global',
      message: `${Called(node)} ${out ? `takes ${what}out of` : `writes ${what}into`} the global context, which every flow shares and no ledger knows.`, mend: FORBIDDEN.global.mend,
    };
  };
  for (const node of flows.ofType('change')) {
    const [written] = writtenBy(node);
    if (written !== undefined) yield of(node, 'rules', written);
  }
  for (const node of flows.ofType('template')) if (mayBeGlobal(node['fieldType'])) yield of(node, 'field', { name: textOf(node, 'field'), out: false });
}

const CODE = 'function-limits';

/** Where a policy says nothing of functions that have nothing to do with a case, their code need not be read. */
function isLookedForElsewhere({ rules }: GatePolicy): boolean {
  const elsewhere: unknown = typeof rules === 'object' && rules !== null && Object.hasOwn(rules, CODE) ? (rules[CODE] as { elsewhere?: unknown } | null)?.elsewhere : undefined;
  return elsewhere === 'warn' || elsewhere === 'error';
}

export const functionLimits: Rule = {
  code: CODE,
  title: 'Functions stay small and keep to themselves',
  level: 'error',
  elsewhere: 'off',
  options: { lines: 150, characters: 10_000, noRequire: true, noEval: true, noGlobalWrites: true, noNetwork: true, modules: [] },
  *check(flows, _context, options, policy) {
    const allowed = new Set([...listOption(options, 'modules'), ...Object.keys(policy.modules ?? {})]);
    const everywhere = isLookedForElsewhere(policy);
    for (const node of flows.ofType('function')) if (everywhere || flows.isGoverned(node)) yield* ofFunction(node, options, allowed);
    if (flagOption(options, 'noGlobalWrites', true)) yield* writers(flows);
  },
};
