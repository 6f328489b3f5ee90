import type { FlowNode, Flows, MalformedPart } from './flows.ts';
import { governance } from './governance-of.ts';
import { isStep } from './governed.ts';
import { idOfSubflow } from './subflows.ts';
import { usage } from './usage.ts';
import { showAs } from './words.ts';
import { wiring } from './wiring.ts';

/** How many parts of one kind are named one by one. */
const NAMED = 20;

/** Lists and objects in each other that a property may hold; Node-RED itself walks them by recursion. */
const MAX_DEPTH = 100;

class Malformed {
  readonly parts: MalformedPart[] = [];
  readonly #more = new Map<string, { count: number; mend: string }>();
  readonly #named = new Map<string, number>();

  /** Names the first of a kind, counts the others. */
  add(kind: string, part: MalformedPart): void {
    const named = (this.#named.get(kind) ?? 0) + 1;
    this.#named.set(kind, named);
    if (named <= NAMED) this.parts.push(part);
    else this.#more.set(kind, { count: (this.#more.get(kind)?.count ?? 0) + 1, mend: part.mend });
  }

  all(): readonly MalformedPart[] {
    return [...this.parts, ...[...this.#more].map(([kind, { count, mend }]) => ({ message: `${count} more: ${kind}.`, mend }))];
  }
}

function isDeep(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((each) => isDeep(each, limit - 1));
}

function wiresOf(node: FlowNode, malformed: Malformed): FlowNode {
  const wires: unknown = node.wires;
  if (wires === undefined) return node;
  if (Array.isArray(wires) && wires.every((output) => Array.isArray(output) && output.every((id) => typeof id === 'string'))) return node;
  malformed.add('wires that are no lists of ids', {
    node, property: 'wires', message: `The wires of node ${node.id} (${node.type}) are not lists of node ids.`, mend: 'Write one list of node ids for each output, or draw the wires anew in the editor.',
  });
  const outputs: readonly unknown[] = Array.isArray(wires) ? wires : [];
  return { ...node, wires: outputs.map((output) => (Array.isArray(output) ? output.filter((id) => typeof id === 'string') : [])) };
}

/** The entry as a node, or undefined when it is none; what is wrong with it is noted. */
function nodeOf(entry: unknown, position: number, malformed: Malformed): FlowNode | undefined {
  const where = `Entry ${position + 1} of the flows`;
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    malformed.add('entries that are no objects', { message: `${where} is not an object.`, mend: 'Take it out of the file, or export the flows from the editor again.' });
    return undefined;
  }
  const node = entry as FlowNode;
  if (typeof node.id !== 'string' || node.id === '' || typeof node.type !== 'string' || node.type === '') {
    malformed.add('entries without an id or a type', { message: `${where} has no id or no type.`, mend: 'Take it out of the file, or export the flows from the editor again.' });
    return undefined;
  }
  if (isDeep(node, MAX_DEPTH)) {
    malformed.add('nodes with properties that are nested too deep', {
      message: `A property of node ${node.id} (${node.type}) is nested deeper than ${MAX_DEPTH} levels.`, mend: 'Make the property flatter.',
    });
    return { id: node.id, type: node.type, ...(typeof node.z === 'string' ? { z: node.z } : {}) };
  }
  return wiresOf(withTexts(node, malformed), malformed);
}

/** Rules take these for texts. */
function withTexts(node: FlowNode, malformed: Malformed): FlowNode {
  const wrong = (['z', 'name', 'label'] as const).filter((property) => node[property] !== undefined && typeof node[property] !== 'string');
  if (wrong.length === 0) return node;
  // Node-RED takes whatever is falsy for "stands nowhere", and old flows have null and 0.
  if (wrong.some((property) => Boolean(node[property]))) {
    malformed.add('names and places that are no texts', { message: `${wrong.map((property) => `"${property}"`).join(' and ')} of node ${node.id} (${node.type}) ${wrong.length === 1 ? 'is no text' : 'are no texts'}.`, mend: 'Write a text, or take the property away.' });
  }
  const { z: _z, name: _name, label: _label, ...rest } = node;
  const right = (['z', 'name', 'label'] as const).filter((property) => typeof node[property] === 'string');
  return { ...rest, id: node.id, type: node.type, ...Object.fromEntries(right.map((property) => [property, node[property]])) };
}

function listOf(input: unknown, malformed: Malformed): readonly unknown[] {
  if (Array.isArray(input)) return input;
  const flows: unknown = typeof input === 'object' && input !== null ? (input as { flows?: unknown }).flows : undefined;
  if (Array.isArray(flows)) return flows;
  malformed.add('no list', { message: 'The flows are not a list of nodes.', mend: 'Give what Node-RED exports: a JSON list, or an object with the list as "flows".' });
  return [];
}

function grouped(nodes: readonly FlowNode[], keyOf: (node: FlowNode) => string | undefined): ReadonlyMap<string, readonly FlowNode[]> {
  const groups = new Map<string, FlowNode[]>();
  for (const node of nodes) {
    const key = keyOf(node);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups;
}

/** What is made when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Flows from what Node-RED stores: a list of nodes, or an object that has it as `flows`. Never throws: what is no flow
 * is left out and named in `malformed`.
 */
export function readFlows(input: unknown): Flows {
  const malformed = new Malformed();
  const nodes = listOf(input, malformed).flatMap((entry, position) => nodeOf(entry, position, malformed) ?? []);
  const byId = new Map<string, FlowNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) {
      malformed.add('ids that are there twice', { node, property: 'id', message: `The id ${node.id} is there twice.`, mend: 'Delete one of the two nodes, or import it as a copy, which gives it an id of its own.' });
    } else byId.set(node.id, node);
  }
  for (const node of nodes) {
    const subflow = node.name ? undefined : byId.get(idOfSubflow(node.type) ?? '');
    if (subflow?.name !== undefined) showAs(node, subflow.name);
  }
  const types = grouped(nodes, ({ type }) => type);
  const places = grouped(nodes, ({ z }) => z);
  const instances = lazily(() => grouped(nodes, ({ type }) => idOfSubflow(type)));
  const wires = lazily(() => wiring(nodes, byId));
  const users = lazily(() => usage(nodes, byId));
  const steps = lazily(() => nodes.filter(isStep));
  const flows: Flows = {
    nodes, byId, malformed: malformed.all(), tabs: types.get('tab') ?? [], subflows: types.get('subflow') ?? [],
    on: (id) => places.get(id) ?? [],
    ofType: (type) => types.get(type) ?? [],
    instancesOf: (id) => instances().get(id) ?? [],
    usersOf: (id) => users().get(id) ?? [],
    into: (id) => wires().into(id),
    outOf: (id, output) => wires().outOf(id, output),
    get governed() { return steps(); },
    isGoverned: (node) => governed()(node),
  };
  const governed = lazily(() => governance(flows));
  return flows;
}
