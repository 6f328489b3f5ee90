import { hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import type { Json } from '../../domain/json.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { BoundedJsonError, parseBoundedJson } from '../signing/bounded-json.ts';
import { allDefinitionProblems, definitionProblems, problemText } from './check.ts';
import { SAMPLE_FILE, readServiceFolder } from './folder.ts';
import type { ServiceFolder } from './folder.ts';
import { sampleProblem } from './sample.ts';
import type { ServiceSample } from './sample.ts';
import { ServiceError } from './service-error.ts';

/** What a catalogue holds of one version of a service. */
export interface PackedService {
  readonly definition: ServiceDefinition;
  readonly readme: string;
  /** By file name. */
  readonly samples: Readonly<Record<string, ServiceSample>>;
}

export interface ServicePackage extends PackedService {
  /** Name of the target in the catalogue. */
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly contentHash: string;
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 100;

const canonical = stringify.configure({ deterministic: true, strict: true });

/** `sha256:<hex>` of a definition in canonical form; where its editor finds the schema says nothing of the service. */
export function definitionHash(definition: ServiceDefinition): string {
  const { $schema: _schema, ...rest } = definition as ServiceDefinition & { readonly $schema?: string };
  return `sha256:${hash('sha256', canonical(rest)!)}`;
}

/**
 * One file of a service's folder, the same bytes for the same content.
 * @throws ServiceError `unreadable`, `wrong-definition`, `wrong-package`
 */
export function packService(from: string | ServiceFolder): ServicePackage {
  const { definition: written, readme, samples } = typeof from === 'string' ? readServiceFolder(from) : from;
  const wrong = allDefinitionProblems(written);
  if (wrong.length > 0) throw new ServiceError('wrong-definition', 'The definition of the service cannot be used.', wrong.map(problemText));
  const { $schema: _schema, ...definition } = written as ServiceDefinition & { readonly $schema?: string };
  const bytes = new TextEncoder().encode(`${JSON.stringify({ definition, readme, samples })}\n`);
  // What a site would refuse is not packed.
  return { ...readPackedService(bytes), target: `services/${definition.id}/${definition.version}.json`, bytes, contentHash: definitionHash(definition) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseBoundedJson(bytes, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof BoundedJsonError)) throw error;
    const sentence = {
      'too-large': `A packed service has at most ${MAX_BYTES} bytes; this one has ${bytes.byteLength}.`,
      'too-deep': `The packed service is nested deeper than ${MAX_DEPTH} levels.`,
      'not-json': `The packed service ${error.message.replace(/^it /, '')}.`,
    }[error.code];
    throw new ServiceError('wrong-package', sentence, [], { cause: error });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A packed service, checked as far as it can be without knowing who signed it; whether its contracts compile was asked
 * before it was packed.
 * @throws ServiceError `wrong-package`
 */
export function readPackedService(bytes: Uint8Array): PackedService {
  const value = parsed(bytes);
  const no = (message: string, details: readonly string[] = []): never => { throw new ServiceError('wrong-package', message, details); };
  if (!isRecord(value)) return no('The packed service is no JSON object.');
  const { definition, readme, samples, ...more } = value;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return no(`The packed service has a member "${unknown.slice(0, 40)}" that is not known.`);
  const wrong = definitionProblems(definition);
  if (wrong.length > 0) return no('The definition of the packed service cannot be used.', wrong.slice(0, 20).map(problemText));
  if (typeof readme !== 'string' || !isRecord(samples)) return no('The packed service must have definition, readme and samples.');
  for (const [name, sample] of Object.entries(samples)) {
    if (!SAMPLE_FILE.test(name)) return no(`"${name.slice(0, 100)}" is no name of a file with a sample.`);
    const problem = sampleProblem(sample);
    if (problem !== undefined) return no(`The sample ${name}: ${problem}`);
  }
  return value as unknown as PackedService;
}

/** Whether a packed file is a service's: by its members, before anything of it is looked at. @throws ServiceError when it is no JSON */
export function isPackedService(bytes: Uint8Array): boolean {
  const value = parsed(bytes);
  return isRecord(value) && Object.hasOwn(value, 'definition');
}
