import { serviceProblems } from '../../domain/service/index.ts';
import type { ServiceDefinition, ServiceProblem } from '../../domain/service/index.ts';
import { schemaProblems } from '../schema-sentences.ts';
import type { OwnSentence } from '../schema-sentences.ts';
import { contractFaults } from './contracts.ts';

const PAGE = 'docs/services.md';

/** Forms in words, by the member that has to have them. */
const FORMS: Readonly<Record<string, string>> = {
  version: 'three numbers with dots, such as 1.0.0 or 1.2.0-beta.1 (semver)', date: 'a day, such as 2026-11-28', id: 'family/name, each of small letters, digits and single dashes', system: 'small letters, digits and single dashes',
  preset: 'small letters, digits and single dashes', object: 'small letters, digits and single dashes', title: 'one line', owner: 'one line', steward: 'one line',
};

const own: OwnSentence = ({ keyword, instancePath, params }) => {
  if (keyword === 'propertyNames' && instancePath === '/operations') return `${JSON.stringify((params as { readonly propertyName?: string }).propertyName ?? '')} cannot be the name of an operation: it begins with a letter, and takes letters, digits, dots, dashes and underscores`;
  if (keyword === 'pattern' && /^\/masked\/\d+$/.test(instancePath)) return 'must be a JSON Pointer, such as /customer/name';
  const form = keyword === 'pattern' ? FORMS[instancePath.split('/').at(-1) ?? ''] : undefined;
  return form === undefined ? undefined : `must be ${form}`;
};

/** What is wrong with the content of a `service.json`, as far as it is known without compiling contracts; none when it can be used as a `ServiceDefinition`. */
export function definitionProblems(value: unknown): readonly ServiceProblem[] {
  const shape = schemaProblems('service', value, PAGE, own);
  return shape.length > 0 ? shape.map(({ at, message }) => ({ at, message: `${message}.` })) : serviceProblems(value as ServiceDefinition);
}

/** The same, and contracts that do not compile: for those who write and publish services. */
export function allDefinitionProblems(value: unknown): readonly ServiceProblem[] {
  const found = definitionProblems(value);
  return found.length > 0 ? found : [...contractFaults(value as ServiceDefinition)];
}

/** `/limits/burst: With …`. */
export const problemText = ({ at, message }: ServiceProblem): string => (at === '' ? message : `${at}: ${message}`);
