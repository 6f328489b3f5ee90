import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import type { Json } from '../../domain/json.ts';
import type { DifferenceLine } from '../../governance/change/difference.ts';
import { isSame, templateDifference } from '../../governance/template/diff.ts';
import type { MemberChange, TemplateDifference } from '../../governance/template/diff.ts';
import { readTemplateFolder } from '../../governance/template/folder.ts';
import { readPacked } from '../../governance/template/pack.ts';
import type { PackedTemplate } from '../../governance/template/pack.ts';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import { unifiedDiff } from '../init/unified-diff.ts';
import type { TemplateArguments } from './arguments.ts';
import { harmless } from '../harmless.ts';
import { paintFor } from '../paint.ts';
import type { Paint } from '../paint.ts';

/** A template's folder, or a packed file. @throws TemplateError */
function read(given: string): PackedTemplate & { readonly packed: boolean } {
  const found = statSync(given, { throwIfNoEntry: false });
  if (found === undefined) throw new TemplateError('unreadable', `There is no ${given}; give a template's folder, or a packed file.`);
  return found.isDirectory() ? { ...readTemplateFolder(given), packed: false } : { ...readPacked(readFileSync(given)), packed: true };
}

/** What is longer goes on lines of its own. */
const ONE_LINE = 60;

function shown(value: Json): string {
  return harmless(typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value) ?? '');
}

/** `5 → 7`; programs, expressions and lists as the lines that differ. */
function beforeAfter(before: Json, after: Json, paint: Paint): readonly string[] {
  const [a, b] = [shown(before), shown(after)];
  if (a.length <= ONE_LINE && b.length <= ONE_LINE) return [` ${a} → ${b}`];
  // The editor keeps line breaks of expressions as tabs.
  const text = (value: Json): string => harmless(`${(typeof value === 'string' ? value.replaceAll('\t', '\n') : JSON.stringify(value, undefined, 2))}\n`);
  const lines = unifiedDiff(text(before), text(after), '').split('\n').slice(2).filter((line) => line !== '');
  return ['', ...lines.map((line) => `      ${line.startsWith('+') ? paint.green(line) : line.startsWith('-') ? paint.red(line) : line}`)];
}

function sign(kind: 'added' | 'removed' | 'changed', paint: Paint): string {
  return kind === 'added' ? paint.green('+') : kind === 'removed' ? paint.red('-') : paint.yellow('~');
}

function memberLines(changes: readonly MemberChange[], paint: Paint, whole: boolean): readonly string[] {
  return changes.flatMap(({ kind, name, before, after, wider }) => {
    const [first = '', ...more] = kind === 'changed' ? (whole ? beforeAfter(before, after, paint) : ['']) : whole && kind === 'added' && shown(after).length <= ONE_LINE ? [` ${shown(after)}`] : [''];
    return [`  ${sign(kind, paint)} ${harmless(name)}${first}${wider === true ? paint.yellow('  wider') : ''}`, ...more];
  });
}

function flowLines(lines: readonly DifferenceLine[], paint: Paint): readonly string[] {
  return lines.flatMap(({ kind, node, property, before, after }) => {
    const [first = '', ...more] = kind === 'changed' ? beforeAfter(before, after, paint) : [''];
    return [`  ${sign(kind, paint)} ${harmless(node)}${property === '' || property === 'wire' ? '' : `, ${harmless(property)}`}${first}`, ...more];
  });
}

const FATES = { drain: 'the old version finishes them', refuse: 'have to be finished before the upgrade' } as const;

function caseLines(cases: TemplateDifference['cases'], paint: Paint): readonly string[] {
  return cases.map(({ stepId, becomes, to, problem }) => {
    const said = becomes === 'move' ? `go on at ${to ?? ''}` : FATES[becomes];
    return `  ${paint.yellow('~')} ${harmless(`at ${stepId}: ${said}`)}${problem === undefined ? '' : `\n      ${paint.red(harmless(problem))}`}`;
  });
}

/** The difference for a person. */
export function differenceText(difference: TemplateDifference, paint: Paint): string {
  const { from, to, manifest, parameters, policies, nodes, wires, cases, tests, sameContent } = difference;
  const parts: readonly [string, readonly string[]][] = [
    ['Template', memberLines(manifest, paint, true)], ['Parameters', memberLines(parameters, paint, true)], ['Policies', flowLines(policies, paint)],
    ['Open cases', caseLines(cases, paint)],
    ['Nodes', flowLines(nodes, paint)], ['Wires', flowLines(wires, paint)], ['Scenarios', memberLines(tests, paint, false)],
  ];
  const told = parts.filter(([, lines]) => lines.length > 0).map(([title, lines]) => `${paint.bold(title)}\n${lines.join('\n')}\n`);
  const last = isSame(difference) ? 'No difference.\n' : sameContent ? 'What runs is the same.\n' : '';
  return `${paint.bold(harmless(`${from} → ${to}`))}\n\n${[...told, last].filter((part) => part !== '').join('\n')}`;
}

/** `waybill template diff <a> <b>`; exit code 1 when they differ. */
export function diffCommand({ values, positionals: [from, to, ...more] }: TemplateArguments): Promise<number> {
  if (from === undefined || to === undefined || more.length > 0) throw new UsageError('Say which two templates to compare: folders, or packed files.');
  const [before, after] = [read(from), read(to)];
  const difference = templateDifference(before, after, { sameIds: !before.packed && !after.packed });
  process.stdout.write(values.json === true ? `${JSON.stringify({ same: isSame(difference), ...difference }, undefined, 2)}\n` : differenceText(difference, paintFor(process.stdout)));
  return Promise.resolve(isSame(difference) ? 0 : 1);
}
