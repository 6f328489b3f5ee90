import { isObject } from '../../domain/json.ts';
import { parseDocument } from 'yaml';
import type { Json, JsonObject } from '../../domain/json.ts';
import { OpenApiError } from './openapi-error.ts';

/** Largest document, in characters: those of large systems have some millions. */
const longest = 20_000_000;
/** Aliases of a YAML document may grow it; more than that nobody writes by hand. */
const mostAliases = 1_000;

/** An OpenAPI document of version 3.0 or 3.1, in JSON or YAML. @throws OpenApiError */
export function readOpenApi(text: string): JsonObject {
  if (text.length > longest) throw new OpenApiError(`The document is longer than ${longest} characters; take out what is not needed.`);
  const value = parsed(text.replace(/^\uFEFF/, ''));
  if (!isObject(value)) throw new OpenApiError('This is no OpenAPI document: it holds no object.');
  if (value['swagger'] !== undefined) throw new OpenApiError(`This is a Swagger ${String(value['swagger'])} document; have it converted to OpenAPI 3 first.`);
  const version = value['openapi'];
  if (typeof version !== 'string') throw new OpenApiError('This is no OpenAPI document: it does not say its version under "openapi".');
  if (!/^3\.[01]\.\d+/.test(version)) throw new OpenApiError(`OpenAPI ${version.slice(0, 20)} is not known here; 3.0 and 3.1 are.`);
  return value;
}

function parsed(text: string): Json {
  try {
    if (/^\s*\{/.test(text)) return JSON.parse(text) as Json;
    const document = parseDocument(text, { version: '1.2', schema: 'core', strict: true, uniqueKeys: true });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // Through JSON: what YAML has more, such as dates and tags, is text or gone.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: mostAliases }))) as Json;
  } catch (error) {
    throw new OpenApiError(`The document cannot be read: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
  }
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value as readonly Json[] : [];
}
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
