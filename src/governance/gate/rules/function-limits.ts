import type { JsonObject } from '../../../domain/json.ts';
import type { FlowNode } from './flows.ts';
import { flagOption, listOption, numberOption } from './options.ts';
import { textOf } from './property.ts';
import type { Breach, Rule } from './rule.ts';
import { spokenCode } from './spoken-code.ts';
import { Called } from './words.ts';

/** What code does that a policy may forbid. */
const FORBIDDEN: readonly { readonly option: string; readonly about: string; readonly pattern: RegExp; readonly says: string; readonly mend: string }[] = [
  { option: 'noRequire', about: 'require', pattern: /\brequire\s*\(|\bimport\s*\(|\bprocess\s*(?:\.|\?\.|\[)|\bchild_process\b/, says: 'reaches for modules or the process of Node-RED', mend: 'Use a node of a reviewed package instead.' },
  { option: 'noEval', about: 'eval', pattern: /\beval\s*\(|\bnew\s+Function\b|(?<![.\w])Function\s*\(|\.\s*constructor\s*(?:\.\s*constructor|\[|\()/, says: 'makes code out of text', mend: 'Write the code out.' },
  { option: 'noGlobalWrites', about: 'global', pattern: /\bglobal\s*(?:\.\s*set|\[\s*["'`]?set["'`]?\s*\])\s*\(|\bglobal\s*\.\s*(?!get\b|keys\b|set\b)\w+\s*=(?!=)/, says: 'writes into the global context, which every flow shares and no ledger knows', mend: 'Keep it in the facts of the case, or in the context of the flow.' },
  { option: 'noNetwork', about: 'network', pattern: /(?<![.\w])fetch\s*\(|\bnew\s+(?:WebSocket|XMLHttpRequest|EventSource)\b|\b(?:https?|axios|got|net|tls|dgram)\s*\.\s*(?:request|get|post|put|delete|connect|createConnection|createSocket)\s*\(/, says: 'talks to the network', mend: 'Call the system with a "call" node, so that it is on record and nothing is done twice.' },
];

function* modules(node: FlowNode, allowed: ReadonlySet<string>): Generator<Breach> {
  const libs: unknown = node['libs'];
  if (!Array.isArray(libs)) return;
  for (const lib of libs as readonly unknown[]) {
    const module = (lib as { module?: unknown } | null)?.module;
    if (typeof module !== 'string' || module === '' || allowed.has(module.replace(/(?!^)@[^@]*$/, ''))) continue;
    yield { node, property: 'libs', about: module, message: `${Called(node)} loads the module ${module}, which nobody has reviewed.`, mend: 'Do without it, or ask for the module to be allowed.' };
  }
}

function* of(node: FlowNode, options: JsonObject, allowed: ReadonlySet<string>): Generator<Breach> {
  const parts = ['func', 'initialize', 'finalize'].map((property) => textOf(node, property));
  const code = parts.join('\n');
  const lines = code.split('\n').filter((line) => line.trim() !== '').length;
  const [mostLines, mostCharacters] = [numberOption(options, 'lines', 150), numberOption(options, 'characters', 10_000)];
  if (lines > mostLines || code.length > mostCharacters) {
    yield {
      node, property: 'func', about: 'size',
      message: lines > mostLines ? `${Called(node)} has ${lines} lines, ${mostLines} are allowed.` : `${Called(node)} has ${code.length} characters, ${mostCharacters} are allowed.`,
      mend: 'Split it, or use a "decision" for rules and a "validate" for checks.',
    };
  }
  const says = spokenCode(code);
  for (const { option, about, pattern, says: what, mend } of FORBIDDEN) {
    if (flagOption(options, option, true) && pattern.test(says)) yield { node, property: 'func', about, message: `${Called(node)} ${what}.`, mend };
  }
  yield* modules(node, allowed);
}

export const functionLimits: Rule = {
  code: 'function-limits',
  title: 'Functions stay small and keep to themselves',
  level: 'error',
  elsewhere: 'off',
  options: { lines: 150, characters: 10_000, noRequire: true, noEval: true, noGlobalWrites: true, noNetwork: true, modules: [] },
  *check(flows, _context, options, policy) {
    const allowed = new Set([...listOption(options, 'modules'), ...Object.keys(policy.modules ?? {})]);
    for (const node of flows.ofType('function')) yield* of(node, options, allowed);
  },
};
