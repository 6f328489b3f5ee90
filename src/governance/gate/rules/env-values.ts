import type { FlowNode, Flows } from './flows.ts';
import { envOf } from './provenance.ts';
import type { EnvEntry } from './provenance.ts';
import { idOfSubflow } from './subflows.ts';

/** A value that an environment variable can have when the flow runs. */
export type EnvValue =
  | { readonly known: true; readonly value: unknown }
  /** Worked out when the flow runs, taken from the machine, or referring to itself: nobody can judge it before. */
  | { readonly known: false; readonly why: 'expression' | 'machine' | 'circle' };

/** Subflows within each other through which a name is followed. */
const MAX_DEPTH = 100;
/** Different values of one name that are told apart. */
const MAX_VALUES = 100;

const MACHINE: EnvValue = { known: false, why: 'machine' };
const REFERENCE = /^\$\{([^}]+)\}$/;
/** How Node-RED 0.x wrote it, which the runtime still takes when it is the whole property. */
const OLD_REFERENCE = /^\$\((\S+)\)$/;
const PARENTS = /^(?:\$parent\.)+/;

/** Types of `env` entries whose value stands there; a credential is kept elsewhere, and what else there is, is worked out. */
const PLAIN: ReadonlySet<string> = new Set(['str', 'num', 'bool', 'json', 'conf-type']);

/** Name that an entry refers to, when all of it is a reference. */
function referenceIn({ type, value }: EnvEntry): string | undefined {
  if (type === 'env') return REFERENCE.exec(String(value))?.[1] ?? (String(value).includes('${') ? undefined : String(value));
  return typeof value === 'string' ? REFERENCE.exec(value)?.[1] : undefined;
}

function plainValue({ type, value }: EnvEntry): unknown {
  if (type === 'num') return typeof value === 'string' && value.trim() === '' ? undefined : Number(value);
  if (type === 'bool') return value === true || value === 'true';
  if (type === 'json') return parsed(String(value));
  return value;
}

/** The runtime keeps a text that is no JSON out as well. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Follows names through the places of one `Flows`; what was found out about a place is kept. */
class Places {
  readonly #flows: Flows;
  readonly #known = new Map<string, readonly EnvValue[] | 'asked'>();

  constructor(flows: Flows) {
    this.#flows = flows;
  }

  /** What an entry of the `env` of a node can be; references are followed from the place around the node. */
  of(entry: EnvEntry, at: FlowNode, depth: number): readonly EnvValue[] {
    const name = referenceIn(entry);
    if (name !== undefined) return (entry.type === 'env' && name !== entry.name ? this.#beside(name, at, depth + 1) : undefined) ?? this.around(name.replace(/^\$parent\./, ''), at, depth + 1);
    if (!PLAIN.has(entry.type)) return [{ known: false, why: entry.type === 'env' || entry.type === 'cred' ? 'machine' : 'expression' }];
    if (typeof entry.value === 'string' && /\$\{[^{}]+\}/.test(entry.value)) return [MACHINE];
    return [{ known: true, value: plainValue(entry) }];
  }

  /** What a name is for a node: by its groups, its tab or each instance of its subflow, the global settings. */
  around(said: string, node: FlowNode, depth: number): readonly EnvValue[] {
    if (depth > MAX_DEPTH) return [MACHINE];
    // Each `$parent.` skips one place.
    const name = said.replace(PARENTS, '');
    let skipped = (said.length - name.length) / '$parent.'.length;
    const seen = new Set<FlowNode>();
    for (let place = this.#outer(node); place !== undefined && !seen.has(place); place = this.#outer(place)) {
      seen.add(place);
      if (skipped > 0) {
        skipped -= 1;
        if (place.type === 'subflow') return this.#aroundInstances(place, `${'$parent.'.repeat(skipped)}${name}`, depth);
        continue;
      }
      if (place.type !== 'subflow' && !envOf(place).some((entry) => entry.name === name)) continue;
      return this.#at(place, name, depth);
    }
    return this.#global(name, depth);
  }

  /** The runtime looks for what an entry refers to among the entries beside it first, and among those of the definition. */
  #beside(name: string, at: FlowNode, depth: number): readonly EnvValue[] | undefined {
    const definition = this.#flows.byId.get(idOfSubflow(at.type) ?? '');
    const own = this.#entries(at, name);
    const entries = own.length > 0 || definition === undefined ? own : this.#entries(definition, name);
    if (entries.length === 0) return undefined;
    return depth > MAX_DEPTH ? [MACHINE] : this.#once([at.id, 'beside', name], () => entries.flatMap((entry) => this.of(entry, at, depth)));
  }

  #aroundInstances(subflow: FlowNode, name: string, depth: number): readonly EnvValue[] {
    return this.#once([subflow.id, 'around', name], () => this.#flows.instancesOf(subflow.id).flatMap((instance) => this.around(name, instance, depth + 1)));
  }

  /** Works a value out once; one that refers to itself is no value. */
  #once(what: readonly string[], work: () => readonly EnvValue[]): readonly EnvValue[] {
    const key = JSON.stringify(what);
    const known = this.#known.get(key);
    if (known !== undefined) return known === 'asked' ? [{ known: false, why: 'circle' }] : known;
    this.#known.set(key, 'asked');
    const different = [...new Map(work().map((value) => [JSON.stringify(value.known ? [value.value] : value.why), value])).values()];
    const told = different.length > MAX_VALUES ? [...different.slice(0, MAX_VALUES), MACHINE] : different;
    this.#known.set(key, told);
    return told;
  }

  /** Group, tab or subflow around a node. */
  #outer(node: FlowNode): FlowNode | undefined {
    if (node.type === 'tab' || node.type === 'subflow') return undefined;
    const group = this.#flows.byId.get(String(node['g'] ?? ''));
    return group?.type === 'group' && group !== node ? group : this.#flows.byId.get(node.z ?? '');
  }

  #at(place: FlowNode, name: string, depth: number): readonly EnvValue[] {
    return this.#once([place.id, name], () => (place.type === 'subflow' ? this.#inInstances(place, name, depth) : this.#entries(place, name).flatMap((entry) => this.of(entry, place, depth))));
  }

  #inInstances(subflow: FlowNode, name: string, depth: number): readonly EnvValue[] {
    const own = this.#entries(subflow, name);
    const values = this.#flows.instancesOf(subflow.id).flatMap((instance) => {
      const set = this.#entries(instance, name);
      const entries = set.length > 0 ? set : own;
      return entries.length > 0 ? entries.flatMap((entry) => this.of(entry, instance, depth)) : this.around(name, instance, depth + 1);
    });
    return values.length > 0 ? values : own.flatMap((entry) => this.of(entry, subflow, depth));
  }

  #global(name: string, depth: number): readonly EnvValue[] {
    const configs = this.#flows.ofType('global-config').filter((config) => this.#entries(config, name).length > 0);
    return configs.length === 0 ? [MACHINE] : configs.flatMap((config) => this.#at(config, name, depth));
  }

  #entries(node: FlowNode, name: string): readonly EnvEntry[] {
    return envOf(node).filter((entry) => entry.name === name);
  }
}

const places = new WeakMap<Flows, Places>();

function placesOf(flows: Flows): Places {
  const known = places.get(flows) ?? new Places(flows);
  places.set(flows, known);
  return known;
}

/** What an entry of the `env` of a node can be when the flow runs; several values where its subflow has several instances. */
export const valuesOf = (flows: Flows, entry: EnvEntry, at: FlowNode): readonly EnvValue[] => placesOf(flows).of(entry, at, 0);

/** Names that a text refers to; the old form counts when it is all of the text. */
function namesIn(text: string): readonly { readonly name: string; readonly written: string }[] {
  const old = OLD_REFERENCE.exec(text)?.[1];
  if (old !== undefined) return [{ name: old, written: text }];
  return [...new Set([...text.matchAll(/\$\{([^{}]+)\}/g)].map(([, name]) => name!))].slice(0, 5).map((name) => ({ name, written: `\${${name}}` }));
}

/** The text of a property with its `${NAME}` put in, once for each value that they can have; undefined when one is not known. */
export function textsWithValues(flows: Flows, node: FlowNode, text: string): readonly string[] | undefined {
  let texts: readonly string[] = [text];
  for (const { name, written } of namesIn(text)) {
    const values = placesOf(flows).around(name, node, 0);
    if (values.some(({ known }) => !known)) return undefined;
    texts = texts.flatMap((each) => values.map((value) => each.replaceAll(written, () => (value.known ? String(value.value) : '')))).slice(0, MAX_VALUES);
  }
  return texts;
}

/** The same as far as it is known: what is not stays as `${NAME}`. `machine` says what the flows do not. */
export function partlyFilled(flows: Flows, node: FlowNode, text: string, machine: ((name: string) => string | undefined) | undefined): readonly string[] {
  let texts: readonly string[] = [text];
  for (const { name, written } of namesIn(text)) {
    const bare = name.replace(PARENTS, '');
    const filled = placesOf(flows).around(name, node, 0).map((value) => (value.known ? String(value.value) : (value.why === 'machine' ? machine?.(bare) : undefined) ?? `\${${bare}}`));
    texts = texts.flatMap((each) => filled.map((value) => each.replaceAll(written, () => value))).slice(0, MAX_VALUES);
  }
  return texts;
}
