import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { INSTANCE_ENV } from '../gate/rules/installed.ts';
import { TEMPLATE_ENV } from '../gate/rules/provenance.ts';
import { isGeneratedId } from './ids.ts';

/** What a reference to another node becomes: the node's number, or only a mark while none is given yet. */
export type Refer = (label: string, to: FlowNode) => Json;

/** Where a reference that is found in a value leads. */
export type Lookup = (id: string) => FlowNode | undefined;

/** Set by the editor, or for the eye only. */
const NOT_CONTENT = new Set(['id', 'type', 'x', 'y', 'z', 'w', 'h', 'l', 'g', 'd', 'wires', 'info', 'icon', 'inputLabels', 'outputLabels', 'credentials']);
/** Lists of ids whose order says nothing. */
const SETS = new Set(['links', 'scope']);
/** Entries of a tab by which an installed template is known; they differ from site to site. */
const PROVENANCE = new Set([TEMPLATE_ENV, INSTANCE_ENV]);

const isText = (value: unknown): value is string => typeof value === 'string';
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value as readonly unknown[] : []);
const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? value as Readonly<Record<string, unknown>> : {});

export function isContainer(node: FlowNode): boolean {
  return node.type === 'tab' || node.type === 'subflow';
}

/** Node-RED takes what has no place on the canvas for a config node; what has wires can send and is never one here. */
export function isConfig(node: FlowNode): boolean {
  return !isContainer(node) && node.type !== 'group' && !('x' in node && 'y' in node) && !Array.isArray(node.wires);
}

/**
 * Whether a text of a node's property is a reference to this node. Generated ids are nothing else; an id written by hand
 * may be a word that stands elsewhere as a value, so it counts only where the property is called as the config node's type ends.
 */
export function refersTo(target: FlowNode, property: string): boolean {
  return isGeneratedId(target.id) || (isConfig(target) && (target.type === property || target.type.endsWith(`-${property}`)));
}

/** What a node holds, with its references in the place of ids: what counts as its content, the same after a way through the editor. */
export function contentOf(node: FlowNode, lookup: Lookup, refer: Refer): Json {
  const one = new Content(lookup, refer);
  switch (node.type) {
    case 'tab': return one.tab(node);
    case 'subflow': return one.subflow(node);
    case 'group': return { type: 'group', env: one.env(node['env'], true), ...one.placed(node) };
    default: return one.node(node);
  }
}

class Content {
  readonly #lookup: Lookup;
  readonly #refer: Refer;

  constructor(lookup: Lookup, refer: Refer) {
    this.#lookup = lookup;
    this.#refer = refer;
  }

  /** Label and description are the site's; so are the values of its entries, which are the parameters. */
  tab(node: FlowNode): Json {
    const entries = list(node['env']).filter((entry) => !PROVENANCE.has(String(record(entry)['name'])));
    return { type: 'tab', ...(node.disabled ? { disabled: true } : {}), env: this.env(entries, false) };
  }

  subflow(node: FlowNode): Json {
    const ends = (value: unknown, label: string): Json => list(value).map((end, i) => this.#set(list(record(end)['wires']).map((wire) => {
      const { id, port } = record(wire);
      return this.#to(`${label} ${i}${port === undefined ? '' : `:${Number(port)}`}`, id, port === undefined ? {} : { port: Number(port) });
    })));
    const status = node['status'] === undefined || node['status'] === null ? {} : { status: ends([node['status']], 'status') };
    return { type: 'subflow', env: this.env(node['env'], true), in: ends(node['in'], 'in'), out: ends(node['out'], 'out'), ...status };
  }

  node(node: FlowNode): Json {
    const properties: [string, Json][] = [];
    for (const [name, value] of Object.entries(node)) {
      // A link in is told where its links come from; the link out is what sends.
      if (NOT_CONTENT.has(name) || value === undefined || value === null || value === '' || (name === 'links' && node.type === 'link in')) continue;
      properties.push([escaped(name), this.#property(node, name, value)]);
    }
    const instance = /^subflow:(.*)$/s.exec(node.type);
    return {
      type: instance === null ? node.type : { 'subflow:': this.#to('instance of', instance[1], {}) },
      ...(node.d === true ? { disabled: true } : {}), ...this.placed(node),
      wires: this.#wires(node), properties: Object.fromEntries(properties),
    };
  }

  /** Tab or subflow that it stands on, and the group where that means something. */
  placed(node: FlowNode): { readonly [name: string]: Json } {
    const [on, group] = [this.#lookup(String(node.z ?? '')), node['g'] === undefined ? undefined : this.#lookup(String(node['g']))];
    return { ...(on === undefined ? {} : { on: this.#refer('on', on) }), ...(group === undefined ? {} : { group: this.#refer('group', group) }) };
  }

  /** Entries by name; what the form looks like (`ui`) is not content. */
  env(value: unknown, withValues: boolean): Json {
    return list(value).map(record).map((entry): [string, Json] => {
      const [name, type] = [String(entry['name']), String(entry['type'] ?? 'str')];
      // Node-RED writes numbers and booleans as texts when a form was saved; credentials are stored elsewhere.
      const held = withValues && type !== 'cred' ? { value: this.#value(`env ${name}`, '', typeof entry['value'] === 'object' ? entry['value'] : String(entry['value'] ?? '')) } : {};
      return [name, { name, type, ...held }];
    }).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, entry]) => entry);
  }

  #property(node: FlowNode, name: string, value: unknown): Json {
    if (name === 'env' && node.type.startsWith('subflow:')) return this.env(value, true);
    if (SETS.has(name) && Array.isArray(value) && value.every(isText)) return this.#set(value.map((id) => this.#to(name, id, {})));
    return this.#value(name, name, value);
  }

  #wires({ wires }: FlowNode): Json {
    const outputs = list(wires).map((output, i) => this.#set(list(output).map((id) => this.#to(`wire ${i}`, id, {}))));
    while (outputs.length > 0 && (outputs.at(-1) as readonly Json[]).length === 0) outputs.pop();
    return outputs;
  }

  /** An id that stands where nothing but ids stand; one that leads out of the template is kept as it is. */
  #to(label: string, id: unknown, more: { readonly [name: string]: Json }): Json {
    const target = isText(id) ? this.#lookup(id) : undefined;
    return target === undefined ? { $outside: String(id), ...more } : { $node: this.#refer(label, target), ...more };
  }

  /** @param path where in the node; @param property name of the member that holds it */
  #value(path: string, property: string, value: unknown): Json {
    if (isText(value)) {
      const target = value === '' ? undefined : this.#lookup(value);
      if (target === undefined || !refersTo(target, property)) return value;
      return isConfig(target) ? { $config: target.type } : { $node: this.#refer(path, target) };
    }
    if (Array.isArray(value)) return (value as readonly unknown[]).map((each, i) => this.#value(`${path}.${i}`, property, each));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]): [string, Json] => [escaped(name), this.#value(`${path}.${name}`, name, each)]));
    }
    return (value ?? null) as Json;
  }

  /** References in an order that no id decides. */
  #set(references: readonly Json[]): Json[] {
    return references.map((reference) => [JSON.stringify(reference), reference] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, reference]) => reference);
  }
}

/** Names with a dollar sign are ours: a node's own get a second one. */
function escaped(name: string): string {
  return name.startsWith('$') ? `$${name}` : name;
}
