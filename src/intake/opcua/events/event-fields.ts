import type { ClientSession, Variant } from 'node-opcua-client';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { lastingNodeId } from '../node-ids.ts';
import { plainValue } from '../tags/values.ts';
import { STANDARD_TYPE, type ConditionState, type OpcUaEvent } from './types.ts';

/** One thing that is asked of every event (SimpleAttributeOperand, OPC UA Part 4 §7.7.4.5). */
export interface SelectedField {
  /** What it is called in `fields`; the standard ones have their own places. */
  readonly name: string;
  /** Type that has it, as the server has it now. */
  readonly typeId: string;
  readonly path: readonly { readonly namespaceIndex: number; readonly name: string }[];
  /** The condition itself: its node id. */
  readonly nodeId?: true;
}

const field = (typeId: string, ...names: readonly string[]): SelectedField => ({ name: names.join('/'), typeId, path: names.map((name) => ({ namespaceIndex: 0, name })) });
const { base, condition, acknowledgeable, alarm } = STANDARD_TYPE;

/** Of every event (Part 5 §6.4.2). */
export const BASE_FIELDS: readonly SelectedField[] = ['EventId', 'EventType', 'SourceNode', 'SourceName', 'Time', 'ReceiveTime', 'Message', 'Severity'].map((name) => field(base, name));

/** Of conditions, by the type that has it (Part 9 §5.5.2, §5.7.2, §5.8.2). */
export const CONDITION_FIELDS: Readonly<Record<'condition' | 'acknowledgeable' | 'alarm', readonly SelectedField[]>> = {
  condition: [
    { name: 'ConditionId', typeId: condition, path: [], nodeId: true }, // §5.5.2.13: the node id of the condition, by an empty path
    field(condition, 'ConditionName'), field(condition, 'BranchId'), field(condition, 'Retain'), field(condition, 'EnabledState', 'Id'), field(condition, 'Comment'),
  ],
  acknowledgeable: [field(acknowledgeable, 'AckedState', 'Id'), field(acknowledgeable, 'ConfirmedState', 'Id')],
  alarm: [field(alarm, 'ActiveState', 'Id'), field(alarm, 'ActiveState', 'TransitionTime'), field(alarm, 'SuppressedOrShelved')],
};

const STANDARD = new Set([...BASE_FIELDS, ...Object.values(CONDITION_FIELDS).flat()].map(({ name }) => name));

/** Whether a field has its own place, and is none of `fields`. */
export function isStandardField(name: string): boolean {
  return STANDARD.has(name);
}

/** What an event said, by the fields that were asked for. Undefined: it has no id, so it is none. */
export function readEvent(fields: readonly SelectedField[], values: readonly Variant[], namespaces: readonly string[], receivedAt: number): OpcUaEvent | undefined {
  const had = new Map(fields.map(({ name }, at) => [name, values[at] as unknown as VariantLike | undefined]));
  const eventId = had.get('EventId')?.value;
  if (!(eventId instanceof Uint8Array) || eventId.length === 0) return undefined;
  const text = (name: string): string => textOf(plainValue(had.get(name)));
  const node = (name: string): string => nodeIdOf(had.get(name), namespaces);
  const severity = Number(had.get('Severity')?.value ?? 1);
  const state = conditionOf(had, node, text);
  return {
    eventId: Buffer.from(eventId).toString('hex'), eventType: node('EventType'), source: node('SourceNode'), sourceName: text('SourceName'),
    at: timeOf(had.get('Time')) ?? timeOf(had.get('ReceiveTime')) ?? receivedAt, message: text('Message'), severity: Number.isFinite(severity) ? severity : 1,
    ...(state === undefined ? {} : { condition: state }), fields: otherFields(had),
  };
}

interface VariantLike { readonly dataType?: number; readonly arrayType?: number; readonly value?: unknown }

function conditionOf(had: ReadonlyMap<string, VariantLike | undefined>, node: (name: string) => string, text: (name: string) => string): ConditionState | undefined {
  const id = node('ConditionId');
  if (id === '') return undefined;
  const flag = (name: string): boolean | undefined => (typeof had.get(name)?.value === 'boolean' ? had.get(name)?.value as boolean : undefined);
  const optional = <K extends string>(key: K, value: boolean | undefined): Partial<Record<K, boolean>> => (value === undefined ? {} : { [key]: value } as Record<K, boolean>);
  const activeSince = timeOf(had.get('ActiveState/TransitionTime'));
  return {
    id, name: text('ConditionName'), branch: node('BranchId'), retain: flag('Retain') ?? false, enabled: flag('EnabledState/Id') ?? true, comment: text('Comment'),
    ...optional('active', flag('ActiveState/Id')), ...(activeSince === undefined ? {} : { activeSince }), ...optional('acknowledged', flag('AckedState/Id')),
    ...optional('confirmed', flag('ConfirmedState/Id')), ...optional('suppressed', flag('SuppressedOrShelved')),
  };
}

function otherFields(had: ReadonlyMap<string, VariantLike | undefined>): JsonObject {
  const others: { [name: string]: Json } = {};
  for (const [name, value] of had) {
    if (STANDARD.has(name)) continue;
    const plain = plainValue(value);
    if (plain !== undefined) others[name] = finite(plain);
  }
  return others;
}

/** '' for none: a null node id is `i=0` (Part 3 §8.2.4). */
function nodeIdOf(variant: VariantLike | undefined, namespaces: readonly string[]): string {
  const text = variant?.value === undefined || variant.value === null ? '' : String(variant.value).replace(/^ns=0;/, '');
  return text === '' || text === 'i=0' ? '' : lastingNodeId(text, namespaces);
}

function timeOf(variant: VariantLike | undefined): number | undefined {
  const value = variant?.value;
  return value instanceof Date && value.getTime() > 0 ? value.getTime() : undefined;
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

/** The same without numbers that JSON does not know. */
export function finite(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Json) => finite(one));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, finite(one)]));
}

/** Structures that the server defines itself come as bytes: reads them by the server's own definitions, in place (Part 3 §5.8.3). */
export async function readStructures(session: ClientSession, promote: (session: ClientSession, values: readonly { value: Variant }[]) => Promise<void>, events: readonly (readonly Variant[])[]): Promise<void> {
  const structures = events.flatMap((values) => values.filter((value) => Number(value?.dataType) === EXTENSION_OBJECT).map((value) => ({ value })));
  if (structures.length > 0) await promote(session, structures);
}

const EXTENSION_OBJECT = 22;
