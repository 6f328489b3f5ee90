import type { FlowNode } from '../gate/rules/flows.ts';
import { secretsOf } from '../gate/rules/no-secrets.ts';
import { secretIn } from '../gate/rules/secret-patterns.ts';

export interface FoundSecret { readonly node: string; readonly property: string }

/** Names of properties that hold secrets, in the spellings that nodes use. */
const secretName = /^(?:.{0,200}[_-])?(?:pass(?:word|phrase|wd)?|secret|api[_-]?key|access[_-]?key|client[_-]?secret|(?:access|auth|bearer|refresh|api)[_-]?token|token|private[_-]?key|connection[_-]?string)$/i;
/** What the gate lets pass as too short, or as an example, and what leaves a site should not hold. Bounded in length, so that no text takes long to look through. */
const likeSecrets: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{1,200}:[^\s/@]{1,500}@/i, /\bBearer\s{1,10}[A-Za-z0-9._~+/-]{16}/, /\beyJ[A-Za-z0-9_-]{10,500}\.[A-Za-z0-9_-]{10}/, /\bwb_[A-Za-z0-9_-]{16}/,
];
/** Left to right: a parameter, an environment variable, or nothing. */
const placeholder = /^(?:\$\{[^}]*\}|\s*|\*+|•+)$/;
/** Levels that are looked into. */
const deepest = 100;

/** What in these nodes looks like a secret in clear: all that the gate takes for one, and more. Node-RED keeps real credentials apart, so an export has none. */
export function secretsIn(nodes: readonly FlowNode[]): readonly FoundSecret[] {
  return nodes.flatMap((node) => {
    const name = [node.name, node.label, node.type].find((text) => typeof text === 'string' && text !== '') ?? node.id;
    const found = Object.entries(node).flatMap(([key, value]) => (key === 'credentials' && holdsText(value) ? [key] : secretPaths(value, key, key, 1)));
    return [...new Set([...found, ...secretsOf(node).map(({ path }) => path)])].map((property) => ({ node: name, property }));
  });
}

function holdsText(value: unknown): boolean {
  if (typeof value === 'string') return !placeholder.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsText);
}

function secretPaths(value: unknown, key: string, path: string, depth: number): readonly string[] {
  if (typeof value === 'string') {
    if (placeholder.test(value)) return [];
    return secretName.test(key) || secretIn(value) !== undefined || likeSecrets.some((pattern) => pattern.test(value)) ? [path] : [];
  }
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  // A row of an env list, or of headers, has its name beside its value.
  const named = value as { readonly name?: unknown; readonly key?: unknown; readonly value?: unknown };
  const label = typeof named.name === 'string' ? named.name : typeof named.key === 'string' ? named.key : undefined;
  return Object.entries(value).flatMap(([inner, each]) => secretPaths(each, inner === 'value' && label !== undefined ? label : Array.isArray(value) ? key : inner, `${path}.${inner}`, depth + 1));
}
