import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { definitionProblems, problemText } from './check.ts';
import { sampleProblem } from './sample.ts';
import type { ServiceSample } from './sample.ts';
import { ServiceError } from './service-error.ts';

/** A service as its author has it. */
export interface ServiceFolder {
  readonly folder: string;
  readonly definition: ServiceDefinition;
  readonly readme: string;
  /** By file name. */
  readonly samples: Readonly<Record<string, ServiceSample>>;
}

/** Name of the file that makes a folder a service. */
export const DEFINITION_FILE = 'service.json';

/** Names of files with samples. */
export const SAMPLE_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json$/;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ServiceError('unreadable', (error as NodeJS.ErrnoException).code === 'ENOENT' ? `${file} is missing.` : `${file} cannot be read: ${(error as Error).message}`, [], { cause: error });
  }
}

/** @throws ServiceError `unreadable` */
export function readJson(file: string): Json {
  try {
    // Some editors of texts put a mark at the beginning that JSON does not know.
    return JSON.parse(read(file).replace(/^\uFEFF/, '')) as Json;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('unreadable', `${file} is no JSON: ${(error as Error).message}`, [], { cause: error });
  }
}

function samplesIn(folder: string): Readonly<Record<string, ServiceSample>> {
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).filter((name) => name.endsWith('.json')).sort() : [];
  const odd = names.find((name) => !SAMPLE_FILE.test(name));
  if (odd !== undefined) throw new ServiceError('unreadable', `${path.join(folder, odd)}: name it with letters, digits, dots, dashes and underscores.`);
  return Object.fromEntries(names.map((name) => {
    const file = path.join(folder, name);
    const sample = readJson(file);
    const problem = sampleProblem(sample);
    if (problem !== undefined) throw new ServiceError('unreadable', `${file}: ${problem}`);
    return [name, sample as unknown as ServiceSample];
  }));
}

/**
 * Reads a service's folder: `service.json`, `README.md` and what `samples/` holds.
 * @throws ServiceError `unreadable`, `wrong-definition`
 */
export function readServiceFolder(folder: string): ServiceFolder {
  const file = path.join(folder, DEFINITION_FILE);
  const definition = readJson(file);
  const wrong = definitionProblems(definition);
  if (wrong.length > 0) throw new ServiceError('wrong-definition', `${file} cannot be used.`, wrong.map(problemText));
  const readme = path.join(folder, 'README.md');
  return {
    folder, definition: definition as unknown as ServiceDefinition,
    readme: statSync(readme, { throwIfNoEntry: false }) === undefined ? '' : read(readme), samples: samplesIn(path.join(folder, 'samples')),
  };
}
