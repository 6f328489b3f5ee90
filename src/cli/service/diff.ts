import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import type { ServiceDefinition, Weight } from '../../domain/service/index.ts';
import { versionFit } from '../../governance/service/version-fit.ts';
import { readServiceFolder } from '../../governance/service/folder.ts';
import { readPackedService } from '../../governance/service/pack.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import { UsageError } from '../accounts.ts';
import { harmless } from '../harmless.ts';
import { paintFor } from '../paint.ts';
import type { Paint } from '../paint.ts';
import type { ServiceArguments } from './arguments.ts';

/** A service's folder, or a packed file. @throws ServiceError */
function read(given: string): ServiceDefinition {
  const found = statSync(given, { throwIfNoEntry: false });
  if (found === undefined) throw new ServiceError('unreadable', `There is no ${given}; give a service's folder, or a packed file.`);
  return found.isDirectory() ? readServiceFolder(given).definition : readPackedService(readFileSync(given)).definition;
}

const TITLES: Readonly<Record<Weight, string>> = { breaking: 'Breaking: those who call may have to change', adding: 'New, or behaves otherwise', repair: 'Does not touch those who call' };

function painted(weight: Weight, text: string, paint: Paint): string {
  return weight === 'breaking' ? paint.red(text) : weight === 'adding' ? paint.yellow(text) : text;
}

/** The difference for a person. */
export function differenceText(before: ServiceDefinition, after: ServiceDefinition, paint: Paint): string {
  const { changes, problem, weight } = versionFit(before, after);
  const parts = (['breaking', 'adding', 'repair'] as const).map((each) => ({ each, lines: changes.filter((change) => change.weight === each) })).filter(({ lines }) => lines.length > 0)
    .map(({ each, lines }) => `${painted(each, TITLES[each], paint)}\n${lines.map(({ at, message }) => `  ${harmless(at)}: ${harmless(message)}`).join('\n')}\n`);
  const last = problem === undefined ? weight === undefined ? 'No difference.\n' : `Version ${after.version} fits.\n` : `${paint.red(harmless(problem))}\n`;
  return `${paint.bold(harmless(`${before.id}@${before.version} → ${after.id}@${after.version}`))}\n\n${[...parts, last].join('\n')}`;
}

/** `waybill service diff <a> <b>`; exit code 1 when the version does not fit what changed. */
export function diffCommand({ values, positionals: [from, to, ...more] }: ServiceArguments): Promise<number> {
  if (from === undefined || to === undefined || more.length > 0) throw new UsageError('Say which two versions to compare: folders, or packed files.');
  const [before, after] = [read(from), read(to)];
  const fit = versionFit(before, after);
  process.stdout.write(values.json === true ? `${JSON.stringify({ from: `${before.id}@${before.version}`, to: `${after.id}@${after.version}`, ...fit }, undefined, 2)}\n` : differenceText(before, after, paintFor(process.stdout)));
  return Promise.resolve(fit.problem === undefined ? 0 : 1);
}
