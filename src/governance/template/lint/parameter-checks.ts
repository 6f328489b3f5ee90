import type { FlowNode } from '../../gate/rules/flows.ts';
import { envOf } from '../../gate/rules/provenance.ts';
import type { TemplateManifest } from '../manifest.ts';
import type { LintFinding } from './finding.ts';
import { placeOf, textsOf } from './texts.ts';
import type { NodeText } from './texts.ts';

/** Where a program's own `${…}` stands. */
const CODE = new Set(['func', 'initialize', 'finalize', 'libs', 'template', 'format', 'schema']);
/** Variables of Waybill and Node-RED, which no template declares. */
const OF_THE_MACHINE = /^(?:WAYBILL_|NR_|\$parent\.)/;

interface Use { readonly name: string; readonly at: NodeText }

/** Parameters that a text reads, in the ways in which Node-RED lets it. */
function usesOf(at: NodeText): readonly Use[] {
  const { text, inputType, member } = at;
  // A call's token has the name of its variable alone.
  if (inputType === 'env' || member === 'tokenVariable') return [{ name: (/^\$\{(.*)\}$/.exec(text)?.[1] ?? text).trim(), at }];
  const whole = /^\$(?:\{(\S+)\}|\((\S+)\))$/.exec(text);
  if (whole !== null && !CODE.has(at.member)) return [{ name: whole[1] ?? whole[2] ?? '', at }];
  return [...text.matchAll(/(?:\$env|\benv\s*\.\s*get)\s*\(\s*(["'`])([^"'`]+)\1\s*\)/g)].map(([, , name]) => ({ name: name!, at }));
}

/** The declared name that was meant, when it differs in one or two characters. */
function meant(name: string, declared: Iterable<string>): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_each, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      row = next;
    }
    return row[b.length]!;
  };
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return [...declared].find((each) => plain(each) === plain(name) || distance(plain(each), plain(name)) <= Math.min(2, Math.floor(name.length / 4)));
}

/** `${limit}` amid other text, with blanks, or not closed: Node-RED leaves it as it stands. */
function* notWhole(at: NodeText, declared: ReadonlySet<string>): Generator<LintFinding> {
  if (CODE.has(at.member) || at.node.type === 'comment' || at.inputType === 'env' || /^\$\{\S+\}$/.test(at.text)) return;
  const names = [...at.text.matchAll(/\$\{\s*([A-Za-z][A-Za-z0-9_]*)\s*(\}|$)/g)].map(([, name]) => name!);
  const [name] = names.filter((each) => declared.has(each));
  if (name === undefined) return;
  const base = { level: 'error' as const, file: 'flow.json', where: `${placeOf(at.node)}, ${at.path}` };
  const whole = new RegExp(`^\\s*\\$\\{\\s*${name}\\s*\\}?\\s*$`).test(at.text);
  yield whole
    ? { ...base, code: 'parameter-misspelt', message: `"${at.text.slice(0, 60)}" is not replaced by the parameter's value.`, mend: `Write \${${name}}, without blanks and closed.` }
    : { ...base, code: 'parameter-not-whole', message: `\${${name}} stands amid other text, where it is not replaced.`, mend: `Make it the whole value, or put the text together in an expression with $env("${name}").` };
}

/** Parameters against what the flow uses. */
export function* parameterChecks(manifest: TemplateManifest, nodes: readonly FlowNode[]): Generator<LintFinding> {
  const declared = new Set(Object.keys(manifest.parameters.properties));
  // Variables of inner subflows and groups are declared where they stand.
  const inner = new Set(nodes.filter(({ type }) => type === 'subflow' || type === 'group').flatMap((node) => envOf(node).map(({ name }) => name)));
  const texts = nodes.flatMap(textsOf);
  const uses = texts.flatMap(usesOf);
  for (const { name, at } of uses) {
    if (declared.has(name) || inner.has(name) || OF_THE_MACHINE.test(name)) continue;
    const close = meant(name, declared);
    yield {
      code: close === undefined ? 'undeclared-parameter' : 'parameter-misspelt', level: 'error', file: 'flow.json', where: `${placeOf(at.node)}, ${at.path}`,
      message: `The parameter "${name}" is used, and template.json does not declare it.`, mend: close === undefined ? `Declare "${name}" in template.json, or take it out here.` : `Write "${close}", or declare "${name}".`,
    };
  }
  for (const at of texts) yield* notWhole(at, declared);
  const used = new Set(uses.map(({ name }) => name));
  // $env("tolerance" & $facts.class) reads one of several.
  const begun = texts.flatMap(({ text }) => [...text.matchAll(/(?:\$env|\benv\s*\.\s*get)\s*\(\s*["'`]([A-Za-z]\w*)(?:["'`]\s*[&+]|\$\{)/g)].map(([, start]) => start!));
  for (const name of declared) {
    if (!used.has(name) && !begun.some((start) => name.startsWith(start))) yield { code: 'unused-parameter', level: 'warn', file: 'template.json', where: name, message: `No node uses the parameter "${name}".`, mend: `Use it as \${${name}} or $env("${name}"), or take it out.` };
  }
}
