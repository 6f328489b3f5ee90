/** Writes the TypeScript types of the canonical contracts: src/domain/contract/types.ts. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Json, JsonObject } from '../src/domain/json.ts';
import { packagedFolder, readContracts } from '../src/governance/contract/contract-files.ts';
import { ROOT } from './lib/paths.ts';

export const CONTRACT_TYPES = path.join(ROOT, 'src/domain/contract/types.ts');

const pascal = (name: string): string => name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(schema: JsonObject, indent: string): string {
  if (typeof schema['$ref'] === 'string') return pascal(schema['$ref'].slice('#/$defs/'.length));
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly Json[]).map((each) => `'${String(each)}'`).join(' | ');
  switch (schema['type']) {
    case 'array': {
      const entry = typeOf(schema['items'] as JsonObject, indent);
      return `readonly ${/^\w+$/.test(entry) || entry.startsWith('{') ? entry : `(${entry})`}[]`;
    }
    case 'object': return isObject(schema['properties']) ? membersOf(schema, indent) : 'JsonObject';
    case 'integer': case 'number': return 'number';
    case 'boolean': return 'boolean';
    default: return 'string';
  }
}

function membersOf(schema: JsonObject, indent: string): string {
  const required = new Set(schema['required'] as readonly Json[] | undefined);
  const lines = Object.entries(schema['properties'] as { readonly [name: string]: JsonObject }).map(([name, member]) => {
    const said = member['description'];
    const comment = typeof said === 'string' ? `${indent}  /** ${said} */\n` : '';
    return `${comment}${indent}  readonly ${name}${required.has(name) ? '' : '?'}: ${typeOf(member, `${indent}  `)};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

/** The text of the file. */
export function contractTypes(): string {
  const contracts = readContracts(packagedFolder('contracts'));
  const shared = new Map<string, JsonObject>();
  for (const { schema } of contracts) for (const [name, each] of Object.entries(schema['$defs'] as { readonly [name: string]: JsonObject })) shared.set(name, each);
  const named = (name: string, schema: JsonObject): string => {
    const comment = typeof schema['description'] === 'string' ? `/** ${schema['description']} */\n` : '';
    return schema['type'] === 'object' && isObject(schema['properties']) ? `${comment}export interface ${name} ${membersOf(schema, '')}\n` : `${comment}export type ${name} = ${typeOf(schema, '')};\n`;
  };
  // an item of a line is a part of one; the contract of the item itself has more
  const parts = [...shared].sort(([one], [other]) => one.localeCompare(other)).map(([name, schema]) => named(pascal(name), schema));
  const documents = contracts.map(({ name, version, schema }) => named(`${pascal(name)}V${version.split('.')[0]!}`, schema));
  return `/** Types of the canonical contracts, written by scripts/contract-types.ts from contracts/; a test keeps them in step. */\nimport type { JsonObject } from '../json.ts';\n\n${[...parts, ...documents].join('\n')}`;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) writeFileSync(CONTRACT_TYPES, contractTypes());
