import type { FlowNode } from './flows.ts';
import type { Rule } from './rule.ts';
import { isPlaceholder, isTelling, mayHoldSecret, secretIn, secretInCode, secretUnder } from './secret-patterns.ts';
import { Called } from './words.ts';

/** What is no text of a person. */
const SKIPPED: ReadonlySet<string> = new Set(['id', 'z', 'g', 'type', 'wires', 'links', 'nodes', 'x', 'y', 'credentials', 'scope']);

/** Properties that are code. */
const CODE: ReadonlySet<string> = new Set(['func', 'initialize', 'finalize', 'format', 'template']);

/** Types of typed inputs whose value is not the secret itself but where it is. */
const ELSEWHERE: ReadonlySet<string> = new Set(['env', 'msg', 'flow', 'global', 'jsonata', 'cred', 'facts']);

export interface Found { readonly path: string; readonly what: string }

/** A text that is JSON, or an expression that makes an object: it has names as code has. */
const isData = (text: string): boolean => /^\s{0,20}[{[]/.test(text);

/** Properties of a row that say what its value is. */
const LABELS: readonly string[] = ['name', 'key', 'keyValue', 'keyType', 'p', 'header'];

/** Walks a property without recursion; a row of `env` or of headers has its name beside its value. */
function* secretsIn(name: string, property: unknown, elsewhere: boolean): Generator<Found> {
  const queue: { value: unknown; name: string; path: string; elsewhere: boolean }[] = [{ value: property, name, path: name, elsewhere }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      const code = CODE.has(name) || isData(value) ? secretInCode(value) : undefined;
      const what = secretIn(value) ?? code ?? (next.elsewhere ? undefined : secretUnder(next.name, value));
      if (what !== undefined) yield { path, what };
    } else if (Array.isArray(value)) {
      value.forEach((each, at) => queue.push({ value: each, name: next.name, path: `${path}.${at}`, elsewhere: false }));
    } else if (typeof value === 'object' && value !== null) queue.push(...rowsOf(value as Readonly<Record<string, unknown>>, path));
  }
}

function rowsOf(row: Readonly<Record<string, unknown>>, path: string): { value: unknown; name: string; path: string; elsewhere: boolean }[] {
  const label = LABELS.map((each) => row[each]).find((each) => typeof each === 'string' && each !== '') as string | undefined;
  return Object.entries(row).map(([inner, value]) => {
    const types = [row[`${inner}Type`], row[`${inner}_type`], inner === 'value' ? row['type'] : undefined, inner === 'v' ? row['vt'] : undefined, inner === 'to' ? row['tot'] : undefined];
    const named = label !== undefined && /^(value|valueValue|v|to)$/.test(inner) ? label : inner;
    return { value, name: named, path: `${path}.${inner}`, elsewhere: types.some((type) => ELSEWHERE.has(String(type))) };
  });
}

/** What is nested deeper is looked at without recursion. */
const MAX_DEPTH = 100;

/** Whether anything within a property is worth a closer look. Most properties of most nodes are not. */
function isWorthALook(name: string, value: unknown, isCode: boolean, depth = 0): boolean {
  if (isTelling(name) || depth > MAX_DEPTH) return true;
  if (typeof value === 'string') return mayHoldSecret(value, isCode || isData(value));
  if (Array.isArray(value)) return value.some((each) => isWorthALook('', each, isCode, depth + 1));
  if (typeof value !== 'object' || value === null) return false;
  for (const inner in value) {
    const part = (value as Readonly<Record<string, unknown>>)[inner];
    if (isWorthALook(inner, part, isCode, depth + 1) || (typeof part === 'string' && LABELS.includes(inner) && isTelling(part))) return true;
  }
  return false;
}

/** Secrets in the properties of a node; `path` is the way to each: `headers.0.value`. */
export function* secretsOf(node: FlowNode): Generator<Found> {
  for (const name in node) {
    const value = node[name];
    if (SKIPPED.has(name) || (typeof value !== 'string' && typeof value !== 'object') || !isWorthALook(name, value, CODE.has(name))) continue;
    yield* secretsIn(name, value, ELSEWHERE.has(String(node[`${name}Type`])));
  }
}

/** What belongs into Node-RED's credentials and stands beside the node. The gate never sees those of a deploy, a file may have them. */
function* loose({ credentials }: FlowNode): Generator<Found> {
  if (typeof credentials !== 'object' || credentials === null) return;
  for (const [name, value] of Object.entries(credentials)) if (typeof value === 'string' && !isPlaceholder(value)) yield { path: `credentials.${name}`, what: 'a credential' };
}

/** `headers.0.value` as a person counts: headers, row 1. */
const placeOf = (path: string): string => path.replace(/^([^.]*)\.(\d{1,6})(?:\..*)?$/s, (_all, name: string, at: string) => `${name}, row ${Number(at) + 1}`);

export const noSecrets: Rule = {
  code: 'no-secrets',
  title: 'No secret stands in the flows in clear',
  level: 'error',
  elsewhere: 'warn',
  *check(flows) {
    for (const node of flows.nodes) {
      for (const { path, what } of [...secretsOf(node), ...loose(node)]) {
        yield {
          node, property: path,
          message: `${Called(node)} has ${what} in clear (${placeOf(path)}); whoever gets the flows, an export or a backup has it.`,
          mend: 'Put it into the credentials of the node, or into an environment variable, and take a new one: this one has been seen.',
        };
      }
    }
  },
};
