import process from 'node:process';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { driverOf } from '../../engine/services/drivers.ts';
import { DEFINITION_FILE, readServiceFolder } from '../../governance/service/folder.ts';
import { lintService } from '../../governance/service/lint.ts';
import type { LintFinding } from '../../governance/template/lint/finding.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { UsageError } from '../accounts.ts';
import { findingLines } from '../template/lint.ts';
import type { ServiceArguments } from './arguments.ts';

/** What the driver of its protocol cannot speak. */
function ofDriver(definition: ServiceDefinition): readonly LintFinding[] {
  const driver = driverOf(definition.protocol);
  return (driver?.problems(definition) ?? []).map(({ at, message }) => ({ code: 'wrong-binding', level: 'error', file: DEFINITION_FILE, where: at, message, mend: 'Mend the binding; docs/services.md says what its protocol takes.' }));
}

/** Everything that is wrong with a service's folder, what its driver finds included. */
export function serviceFindings(folder: string): readonly LintFinding[] {
  const found = lintService(folder);
  return found.some(({ code }) => code === 'wrong-folder' || code === 'wrong-definition') ? found : [...ofDriver(readServiceFolder(folder).definition), ...found];
}

/** `waybill service lint …` */
export function lintCommand({ values, positionals }: ServiceArguments): Promise<number> {
  if (positionals.length === 0) throw new UsageError('Say which service to look at: its folder.');
  const all = positionals.map((folder) => ({ folder, findings: serviceFindings(folder) }));
  const errors = all.flatMap(({ findings }) => findings).filter(({ level }) => level === 'error').length;
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ services: all }, undefined, 2)}\n`);
  } else {
    const warnings = all.flatMap(({ findings }) => findings).length - errors;
    const lines = all.flatMap(({ folder, findings }) => findingLines(findings, folder, process.stdout));
    process.stdout.write(`${[...lines, ...(lines.length > 0 ? [''] : []), `${counted(all.length, 'service')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`].join('\n')}\n`);
  }
  return Promise.resolve(errors > 0 ? 1 : 0);
}
