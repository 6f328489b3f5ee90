import path from 'node:path';
import process from 'node:process';
import { lintTemplate } from '../../governance/template/lint/lint.ts';
import type { LintFinding } from '../../governance/template/lint/finding.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { UsageError } from '../accounts.ts';
import type { TemplateArguments } from './arguments.ts';
import { harmless } from '../harmless.ts';
import { paintFor } from '../paint.ts';

/** Two lines a finding: what is wrong and where, and what to do. */
export function findingLines(findings: readonly LintFinding[], folder: string, stream: { readonly isTTY?: boolean }): readonly string[] {
  const paint = paintFor(stream);
  return findings.flatMap(({ code, level, file, where, message, mend }) => [
    `${level === 'error' ? paint.red('error') : paint.yellow('warn ')} ${paint.bold(harmless([path.join(folder, file), where].filter((part) => part !== undefined).join(': ')))}`,
    `      ${harmless(message)} [${code}]`, `      ${harmless(mend)}`,
  ]);
}

/** `waybill template lint …` */
export function lintCommand({ values, positionals }: TemplateArguments): Promise<number> {
  if (positionals.length === 0) throw new UsageError('Say which template to look at: its folder.');
  const all = positionals.map((folder) => ({ folder, findings: lintTemplate(folder) }));
  const errors = all.flatMap(({ findings }) => findings).filter(({ level }) => level === 'error').length;
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ templates: all }, undefined, 2)}\n`);
  } else {
    const warnings = all.flatMap(({ findings }) => findings).length - errors;
    const lines = all.flatMap(({ folder, findings }) => findingLines(findings, folder, process.stdout));
    process.stdout.write(`${[...lines, ...(lines.length > 0 ? [''] : []), `${counted(all.length, 'template')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`].join('\n')}\n`);
  }
  return Promise.resolve(errors > 0 ? 1 : 0);
}
