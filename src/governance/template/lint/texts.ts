import type { FlowNode } from '../../gate/rules/flows.ts';

/** A text in a node, and where. */
export interface NodeText {
  readonly node: FlowNode;
  /** `rules.0.v`. */
  readonly path: string;
  /** Member that holds it; for a row with a name, as Node-RED's `env` and headers have them, that name. */
  readonly member: string;
  /** Type of a typed input whose value this is; '' when it has none. */
  readonly inputType: string;
  readonly text: string;
}

/** For the eye, or the editor's own. */
const SKIPPED = new Set(['id', 'type', 'z', 'g', 'x', 'y', 'w', 'h', 'wires', 'links', 'scope', 'nodes', 'info', 'meta', 'style', 'color', 'icon', 'category', 'l', 'inputLabels', 'outputLabels']);
const TYPED: readonly ((name: string) => string)[] = [(name) => `${name}Type`, (name) => `${name}t`, (name) => `${name}_type`, () => 'type'];

function* within(node: FlowNode, value: unknown, path: string, member: string, inputType: string): Generator<NodeText> {
  if (typeof value === 'string') {
    if (value !== '') yield { node, path, member, inputType, text: value };
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, each] of value.entries()) yield* within(node, each, `${path}.${i}`, member, '');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  yield* members(node, value as Readonly<Record<string, unknown>>, `${path}.`, new Set());
}

function* members(node: FlowNode, holder: Readonly<Record<string, unknown>>, path: string, skipped: ReadonlySet<string>): Generator<NodeText> {
  const named = typeof holder['name'] === 'string' && 'value' in holder ? holder['name'] : undefined;
  for (const [name, value] of Object.entries(holder)) {
    if (skipped.has(name)) continue;
    const types = TYPED.map((typeOf) => holder[typeOf(name)]).filter((type) => typeof type === 'string');
    yield* within(node, value, `${path}${name}`, name === 'value' && named !== undefined ? named : name, String(types[0] ?? ''));
  }
}

/** Every text of a node that says what it does. */
export function textsOf(node: FlowNode): readonly NodeText[] {
  return [...members(node, node, '', SKIPPED)];
}

/** Name of a node for a sentence of a finding: type and name, or type and id. */
export function placeOf({ type, name, label, id }: FlowNode): string {
  const said = [name, label].find((text) => typeof text === 'string' && text !== '');
  return said === undefined ? `${type} ${id}` : `${type} "${said.slice(0, 60)}"`;
}
