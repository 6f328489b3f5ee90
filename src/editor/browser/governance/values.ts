import type { ParameterAnswer } from './answers.ts';
import { hasDefinition, tabOf } from './workspace.ts';

export interface EnvEntry {
  readonly name: string;
  readonly type: string;
  readonly value?: unknown;
}

/** A node of the editor that holds values: the instance of a block, or a tab. */
interface Holder {
  readonly id: string;
  readonly type: string;
  env?: readonly EnvEntry[];
  credentials?: Record<string, unknown>;
  changed?: boolean;
  dirty?: boolean;
}

interface Definition {
  readonly env?: readonly EnvEntry[];
}

/** What a parameter is set to, as text. `derived`: worked out when the flow starts, so no form can show it. */
export interface Setting {
  readonly value: string;
  readonly derived?: string;
}

/** Where the parameters of an instance, or of a flow's tabs, are set. */
export function holdersOf(places: readonly string[]): readonly Holder[] {
  return places.flatMap((id): Holder[] => {
    const found = (tabOf(id) ?? RED.nodes.node(id)) as unknown as Holder | undefined | null;
    return found === undefined || found === null ? [] : [found];
  });
}

/** The value that a parameter has now. */
export function settingOf(parameter: ParameterAnswer, [holder]: readonly Holder[]): Setting {
  const preset = (holder?.type.startsWith('subflow:') === true ? definitionOf(holder).env : undefined)?.find(({ name }) => name === parameter.name);
  const entry = holder?.env?.find(({ name }) => name === parameter.name) ?? preset;
  const value = entry?.value === undefined || entry.value === null ? textOf(parameter.default) : textOf(entry.value);
  return entry !== undefined && !['str', 'num', 'bool', 'cred'].includes(entry.type) ? { value, derived: entry.type } : { value };
}

/** Is there a secret already? */
export function hasSecret(parameter: ParameterAnswer, [holder]: readonly Holder[]): boolean {
  const { credentials } = holder ?? {};
  const kept = credentials?.[parameter.name] ?? credentials?.[`has_${parameter.name}`];
  return kept !== undefined && kept !== '' && kept !== false;
}

/** Sets values in one step that undo takes back. A secret that is left blank stays what it is. */
export function setValues(holders: readonly Holder[], parameters: readonly ParameterAnswer[], values: ReadonlyMap<string, string>): boolean {
  const events = holders.flatMap((holder) => change(holder, parameters, values));
  if (events.length === 0) {
    return false;
  }
  const dirty = RED.nodes.dirty() as unknown as boolean;
  RED.history.push((events.length === 1 ? { ...events[0], dirty } : { t: 'multi', events, dirty }) as never);
  RED.nodes.dirty(true);
  RED.view.redraw();
  return true;
}

function change(holder: Holder, parameters: readonly ParameterAnswer[], values: ReadonlyMap<string, string>): object[] {
  const [env, secrets] = [newEnv(holder, parameters, values), newSecrets(parameters, values)];
  const changes: Record<string, unknown> = {};
  if (JSON.stringify(env) !== JSON.stringify(holder.env ?? [])) {
    changes['env'] = holder.env ?? [];
    holder.env = env;
  }
  if (Object.keys(secrets).length > 0) {
    holder.credentials ??= {};
    changes['credentials'] = Object.fromEntries(Object.keys(secrets).map((name) => [name, holder.credentials?.[name] ?? '']));
    Object.assign(holder.credentials, secrets);
  }
  if (Object.keys(changes).length === 0) {
    return [];
  }
  const event = { t: 'edit', node: holder, changes, changed: holder.changed === true };
  holder.changed = true;
  holder.dirty = true;
  RED.events.emit(holder.type === 'tab' ? 'flows:change' : 'nodes:change', holder as never);
  return [event];
}

/** A block's instance names only what differs from its definition; a tab names everything. */
function newEnv(holder: Holder, parameters: readonly ParameterAnswer[], values: ReadonlyMap<string, string>): readonly EnvEntry[] {
  const isInstance = holder.type.startsWith('subflow:');
  const presets = new Map((isInstance ? definitionOf(holder).env ?? [] : []).map((entry) => [entry.name, textOf(entry.value)]));
  const old = holder.env ?? [];
  const set = new Map<string, EnvEntry | undefined>();
  for (const parameter of parameters) {
    const { name, secret, scope } = parameter;
    const value = values.get(name);
    if (value === undefined || scope === 'central') {
      continue;
    }
    const entry: EnvEntry = { name, type: typeOf(parameter), value: secret ? '' : value };
    const known = old.find((each) => each.name === name);
    const stays = secret ? (value === '' ? known : entry) : isInstance && presets.get(name) === value ? undefined : entry;
    set.set(name, stays);
  }
  const kept = old.flatMap((entry) => (set.has(entry.name) ? set.get(entry.name) ?? [] : [entry]));
  const added = [...set.values()].filter((entry): entry is EnvEntry => entry !== undefined && !old.some(({ name }) => name === entry.name));
  return [...kept, ...added];
}

function newSecrets(parameters: readonly ParameterAnswer[], values: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(parameters.filter(({ secret, name }) => secret && (values.get(name) ?? '') !== '').flatMap(({ name }) => [[name, values.get(name)], [`has_${name}`, true]]));
}

/** Node-RED's type of a parameter's variable. */
function typeOf({ secret, type }: ParameterAnswer): string {
  return secret ? 'cred' : type === 'boolean' ? 'bool' : type === 'string' ? 'str' : 'num';
}

function definitionOf(holder: Holder): Definition {
  const id = holder.type.slice('subflow:'.length);
  return hasDefinition(id) ? RED.nodes.subflow(id) as unknown as Definition : {};
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Instances and tabs of a container, by the one that was chosen. */
export function placesOf(kind: 'block' | 'flow', members: readonly string[], chosen: string): readonly string[] {
  return kind === 'flow' ? members : [chosen];
}
