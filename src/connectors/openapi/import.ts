import type { Json, JsonObject } from '../../domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { OpenApiError } from './openapi-error.ts';
import { importOperation } from './operation.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import { listOf, objectOf, readOpenApi, textOf } from './read.ts';
import { resolved } from './references.ts';
import { Contracts } from './schema.ts';
import { authenticationOf } from './security.ts';

export interface ImportOptions {
  /** `family/name`. */
  readonly id: string;
  /** Kind of system that offers it; default `erp`. */
  readonly system?: string;
  /** Who answers for it; default who the document names. */
  readonly owner?: string;
  /** Day (ISO 8601) of the first entry of the changelog. */
  readonly date: string;
  /** Only these operations, by their names here; default all. */
  readonly only?: readonly string[];
}

export interface Imported {
  readonly definition: ServiceDefinition & { readonly changelog: readonly Json[] };
  /** What the author has to look at, one sentence each. */
  readonly notes: readonly string[];
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;

/** A draft of a service from an OpenAPI document (3.0 or 3.1, JSON or YAML). @throws OpenApiError */
export function importOpenApi(text: string, options: ImportOptions): Imported {
  const document = readOpenApi(text);
  const info = objectOf(document['info']);
  const notes: string[] = [];
  const operations = operationsOf(document, options.only, notes);
  if (Object.keys(operations).length === 0) throw new OpenApiError(options.only === undefined ? 'The document has no operation that can be called.' : `None of ${options.only.join(', ')} is an operation that can be called.`);
  const { authentication, note } = authenticationOf(document);
  if (note !== undefined) notes.push(note);
  const servers = listOf(document['servers']).map((server) => textOf(objectOf(server)['url'])).filter((url) => url !== '');
  if (servers.length > 0) notes.push(`The document names ${servers.slice(0, 3).join(', ')}; a site writes its own address into its system.`);
  const owner = options.owner ?? (textOf(objectOf(info['contact'])['name']) || 'to be named');
  if (owner === 'to be named') notes.push('Nobody answers for it yet: write who does under "owner".');
  notes.push('Limits, times, retries and classification are a careful guess; the owner of the system decides them. Name the business objects under "objects".');
  const title = (textOf(info['title']) || options.id).replace(/[\r\n]+/g, ' ').slice(0, 120);
  const description = textOf(info['description']).slice(0, 2_000);
  return {
    notes,
    definition: {
      id: options.id, version: '0.1.0', title, ...(description === '' ? {} : { description }), owner: owner.slice(0, 120), system: options.system ?? 'erp', protocol: 'rest', objects: [], operations, authentication,
      limits: { concurrency: 4, perSecond: 5, burst: 10 }, timeouts: { connectMs: 5_000, headersMs: 30_000, totalMs: 60_000 },
      retry: { maxAttempts: 8, maxMinutes: 1_440, baseDelaySeconds: 2, maxDelaySeconds: 300 }, circuit: { failures: 5, openSeconds: 30 }, classification: 'internal',
      changelog: [{ version: '0.1.0', date: options.date, changes: [`Imported from ${title}${textOf(info['version']) === '' ? '' : `, version ${textOf(info['version']).slice(0, 60)}`}.`] }],
    },
  };
}

function operationsOf(document: JsonObject, only: readonly string[] | undefined, notes: string[]): Readonly<Record<string, ServiceOperation>> {
  const contracts = new Contracts(document);
  const operations: Record<string, ServiceOperation> = {};
  for (const [path, item] of Object.entries(objectOf(document['paths']))) {
    const { value, at } = resolved(document, item, pointerOf('paths', path));
    for (const method of methods) {
      if (value[method] === undefined) continue;
      const given = objectOf(value[method]);
      const name = nameOf(textOf(given['operationId']), method, path, operations);
      if (only !== undefined && !only.includes(name)) continue;
      const imported = importOperation(document, contracts, path, method, given, listOf(value['parameters']), `${at}/${method}`);
      if ('left' in imported) notes.push(`${name} is left out: ${imported.left}.`);
      else {
        operations[name] = imported.operation;
        notes.push(...imported.notes.map((note) => `${name}: ${note}.`));
      }
    }
  }
  return operations;
}

/** As the document names it, else by method and path: `getOrders`, `postOrdersItems`. */
function nameOf(operationId: string, method: string, path: string, taken: Readonly<Record<string, unknown>>): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const given = operationId.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[^A-Za-z]+/, '').slice(0, 100);
  const wanted = given === '' ? `${method}${words.join('')}`.slice(0, 90) : given;
  let name = wanted;
  for (let i = 2; Object.hasOwn(taken, name); i++) name = `${wanted}_${i}`;
  return name;
}
