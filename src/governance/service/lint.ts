import path from 'node:path';
import type { Json } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import { fieldSchemas, schemasIn } from '../../domain/service/index.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { compareVersions } from '../gate/rules/versions.ts';
import { secretIn, secretUnder } from '../gate/rules/secret-patterns.ts';
import type { LintFinding } from '../template/lint/finding.ts';
import { allDefinitionProblems } from './check.ts';
import { compileServiceContract } from './contracts.ts';
import { DEFINITION_FILE, readJson, readServiceFolder } from './folder.ts';
import type { ServiceFolder } from './folder.ts';
import { ServiceError } from './service-error.ts';

/** All that is looked at; docs/services.md has them. */
export const SERVICE_LINT_CODES = [
  'wrong-folder', 'wrong-definition', 'secret', 'no-readme', 'version-not-newest', 'version-without-changes', 'sample-misfit', 'sample-unknown-operation',
  'sample-missing', 'contract-missing', 'nobody-knows', 'number-for-quantity', 'masked-nowhere', 'nothing-masked', 'no-object',
] as const;

type Code = typeof SERVICE_LINT_CODES[number];
type Finding = Omit<LintFinding, 'code'> & { readonly code: Code };

const definitionFinding = (code: Code, level: Finding['level'], where: string, message: string, mend: string): Finding => ({ code, level, file: DEFINITION_FILE, where, message, mend });

function* versions({ version, changelog = [] }: ServiceDefinition): Generator<Finding> {
  if (!changelog.some((entry) => entry.version === version)) yield definitionFinding('version-without-changes', 'error', '/changelog', `The changelog says nothing of version ${version}.`, 'Add an entry that says what this version changes for those who call.');
  const newer = changelog.map((entry) => entry.version).find((each) => compareVersions(each, version) > 0);
  if (newer !== undefined) yield definitionFinding('version-not-newest', 'warn', '/version', `The changelog has ${newer}, which comes after version ${version}.`, 'Raise the version, unless this mends an older line.');
}

/** Names of members that hold what is counted, weighed or paid. */
const COUNTED = /(?:quantity|qty|amount|price|weight|rate|total|cost)$/i;

function* contracts(name: string, operation: ServiceOperation): Generator<Finding> {
  const at = pointerOf('operations', name);
  if (operation.effect === 'writes' && operation.request === undefined) yield definitionFinding('contract-missing', 'warn', at, 'It writes, and nothing says what it takes: no document is looked at before it is sent.', 'Describe the "request".');
  if (operation.answer === undefined) yield definitionFinding('contract-missing', 'warn', at, 'Nothing says what it answers: what comes back is taken as it is.', 'Describe the "answer"; true when really anything may come.');
  if (operation.effect === 'writes' && operation.recovery.by === 'none') yield definitionFinding('nobody-knows', 'warn', `${at}/recovery`, 'When no answer comes, only a person can find out whether it happened.', 'Where the system knows an idempotency key or can be asked, say "same-key" or "query".');
  for (const member of ['request', 'answer'] as const) {
    for (const { at: within, schema } of schemasIn(operation[member] as Json | undefined)) {
      const field = within.split('/').at(-1) ?? '';
      if (/\/properties\/[^/]+$/.test(within) && COUNTED.test(field) && schema['type'] === 'number') yield definitionFinding('number-for-quantity', 'warn', `${at}/${member}${within}`, `"${field}" is a binary number, which cannot hold most decimals.`, 'Make it a text with a pattern for decimals, where the system takes one; its driver makes the number.');
    }
  }
}

/** Whether any contract says that something stands where a pointer leads. */
function isSomewhere({ operations }: ServiceDefinition, pointer: string): boolean {
  return Object.values(operations).some(({ request, answer }) => [request, answer].some((each) => (fieldSchemas(each as Json | undefined, pointer)?.length ?? 0) > 0));
}

function* data(definition: ServiceDefinition): Generator<Finding> {
  const { masked = [], classification, objects } = definition;
  for (const [i, pointer] of masked.entries()) if (!isSomewhere(definition, pointer)) yield definitionFinding('masked-nowhere', 'warn', `/masked/${i}`, `No contract of the service has anything at ${pointer}.`, 'Mend the pointer, or take it out.');
  if (masked.length === 0 && (classification === 'confidential' || classification === 'restricted')) yield definitionFinding('nothing-masked', 'warn', '/masked', `The data are ${classification}, and nothing of them is masked where an exchange is shown.`, 'Name what only few may see, as JSON Pointers into requests and answers.');
  if (objects.length === 0) yield definitionFinding('no-object', 'warn', '/objects', 'Nothing says which business objects it touches, and who is their steward.', 'Name them, such as stock or purchase-order.');
}

function* secrets(value: Json, file: string, at = ''): Generator<Finding> {
  if (typeof value === 'string') {
    const name = at.split('/').at(-1) ?? '';
    // What stands under a name of ours is a name, and the key of a call is none of a door.
    const found = secretIn(value) ?? (/^\/(?:authentication|\$schema)|idempotency|\/key$/i.test(at) ? undefined : secretUnder(name, value));
    if (found !== undefined) yield { code: 'secret', level: 'error', file, where: at, message: `This looks like ${found}.`, mend: 'Take it out: secrets are credentials of a site\'s system, and never part of a service.' };
  } else if (Array.isArray(value)) for (const [i, each] of (value as readonly Json[]).entries()) yield* secrets(each, file, `${at}/${i}`);
  else if (typeof value === 'object' && value !== null) for (const [name, each] of Object.entries(value)) yield* secrets(each, file, `${at}${pointerOf(name)}`);
}

function* samples({ definition, samples: files }: ServiceFolder): Generator<Finding> {
  const seen = new Set<string>();
  for (const [name, sample] of Object.entries(files)) {
    const file = `samples/${name}`;
    const operation = Object.hasOwn(definition.operations, sample.operation) ? definition.operations[sample.operation] : undefined;
    if (operation === undefined) {
      yield { code: 'sample-unknown-operation', level: 'error', file, where: '/operation', message: `The service has no operation ${JSON.stringify(sample.operation)}.`, mend: `Name one of ${Object.keys(definition.operations).join(', ')}.` };
      continue;
    }
    seen.add(sample.operation);
    for (const member of ['request', 'answer'] as const) {
      const contract = operation[member];
      if (contract === undefined || sample[member] === undefined) continue;
      const check = compileServiceContract(contract);
      if (check(sample[member])) continue;
      for (const { instancePath, message = 'does not fit' } of (check.errors ?? []).slice(0, 10)) yield { code: 'sample-misfit', level: 'error', file, where: `/${member}${instancePath}`, message: `It breaks the contract of ${sample.operation}: ${message}.`, mend: 'Mend the sample, or the contract.' };
    }
  }
  const missing = Object.entries(definition.operations).filter(([name, { effect }]) => effect === 'writes' && !seen.has(name)).map(([name]) => name);
  if (missing.length > 0) yield { code: 'sample-missing', level: 'warn', file: 'samples/', message: `There is no sample of ${missing.join(', ')}.`, mend: 'Add one: {"operation", "request", "answer"}. Whoever maps fields tries it.' };
}

function* wholeFolder(folder: ServiceFolder): Generator<Finding> {
  const { definition, readme, samples: files } = folder;
  yield* secrets(definition as unknown as Json, DEFINITION_FILE);
  for (const [name, sample] of Object.entries(files)) yield* secrets(sample as unknown as Json, `samples/${name}`);
  if (readme.trim() === '') yield { code: 'no-readme', level: 'error', file: 'README.md', message: 'It is missing or empty.', mend: 'Say what the service does, what a site needs to call it, and whom to ask.' };
  yield* versions(definition);
  for (const [name, operation] of Object.entries(definition.operations)) yield* contracts(name, operation);
  yield* data(definition);
  yield* samples(folder);
}

/** Everything that is wrong with a service before it is published, errors first. Never throws for what is in the folder. */
export function lintService(folder: string): readonly LintFinding[] {
  try {
    const wrong = allDefinitionProblems(readJson(path.join(folder, DEFINITION_FILE)));
    if (wrong.length > 0) return wrong.map(({ at, message }) => definitionFinding('wrong-definition', 'error', at, message, 'Mend it and look again; docs/services.md says what there is.'));
    const rank = ({ level }: LintFinding): number => (level === 'error' ? 0 : 1);
    return [...wholeFolder(readServiceFolder(folder))].sort((a, b) => rank(a) - rank(b));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return [{ code: 'wrong-folder', level: 'error', file: '.', message: [error.message, ...error.details].join(' '), mend: 'Mend it and look again.' }];
  }
}
