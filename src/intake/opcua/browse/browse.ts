import type { BrowseDescriptionLike, BrowseResult, ClientSession, DataValue, ReferenceDescription } from 'node-opcua-client';
import { OpcUaIntakeError } from '../errors.ts';
import { builtInTypeName, valueText } from './value-text.ts';
import { lastingNodeId, localNodeId } from '../node-ids.ts';

/** A node of a server's address space, as a person sees it in the tree. */
export interface BrowsedNode {
  /** With the name of its namespace: `nsu=urn:line;s=Tag`. */
  readonly nodeId: string;
  readonly name: string;
  readonly kind: 'object' | 'variable' | 'method';
  /** It says more about its parent and is seldom what is looked for. */
  readonly property: boolean;
  readonly hasChildren: boolean;
  /** Of a variable: `Double`, `String[]`. */
  readonly dataType?: string;
  /** Of a variable, for who has signed in. */
  readonly access?: Access;
  /** It tells events. */
  readonly events?: boolean;
}

export interface Access { readonly read: boolean; readonly write: boolean; readonly history: boolean }

export interface NodeDetail extends Omit<BrowsedNode, 'property' | 'hasChildren'> {
  readonly description: string;
  readonly value?: ReadValue;
  /** Of an analog value (OPC UA Part 8, 5.3.2). */
  readonly euRange?: { readonly low: number; readonly high: number };
  readonly unit?: string;
  readonly enumTexts?: readonly string[];
  readonly arguments?: readonly { readonly name: string; readonly dataType: string }[];
}

export interface ReadValue {
  readonly nodeId: string;
  readonly text: string;
  /** `Good`, or the name of what is wrong. */
  readonly status: string;
  /** By the server's clock, RFC 3339; absent where it says none. */
  readonly at?: string;
}

export interface Children {
  readonly nodes: readonly BrowsedNode[];
  /** The server has more than are shown. */
  readonly more: boolean;
}

/** Objects folder (OPC UA Part 5, 8.2.4). */
export const ROOT = 'i=85';
/** Children that are shown of one node. */
const MOST_CHILDREN = 500;
/** Operations in one request; servers of small devices take no more. */
const CHUNK = 50;
const ATTRIBUTE = { nodeClass: 2, browseName: 3, displayName: 4, description: 5, eventNotifier: 12, value: 13, dataType: 14, valueRank: 15, userAccessLevel: 18 } as const; // Part 6, A.1
const KINDS: Readonly<Record<number, BrowsedNode['kind']>> = { 1: 'object', 2: 'variable', 4: 'method' }; // NodeClass, Part 3, 8.29
const SHOWN_CLASSES = 1 | 2 | 4;
const HAS_PROPERTY = 46;
const HIERARCHICAL = 'i=33';

/** Namespaces of a server, in the order of their numbers (Part 5, 6.3.1). */
export async function namespacesOf(session: ClientSession): Promise<readonly string[]> {
  const value: unknown = (await session.read({ nodeId: 'i=2255', attributeId: ATTRIBUTE.value })).value.value;
  if (!Array.isArray(value)) throw new OpcUaIntakeError('status', 'The server does not say which namespaces it has.');
  return value.map(String);
}

/** What hangs below a node, with what a person needs to choose: type, access, whether there is more below. */
export async function childrenOf(session: ClientSession, namespaces: readonly string[], nodeId: string): Promise<Children> {
  const local = localNodeId(nodeId, namespaces);
  const [found] = await browseAll(session, [local], MOST_CHILDREN);
  if (found === undefined || found.failed !== undefined) throw new OpcUaIntakeError('status', `The server does not tell what is below ${nodeId} (${found?.failed ?? 'no answer'}).`);
  const nodes = await described(session, namespaces, found.references);
  const order = (node: BrowsedNode): number => (node.property ? 1 : 0);
  return { nodes: nodes.sort((a, b) => order(a) - order(b)), more: found.more };
}

export interface Browsed { readonly references: readonly ReferenceDescription[]; readonly more: boolean; readonly failed?: string }

/** References of several nodes to what is below them, each once. What a server would tell page by page is cut, and its pages are let go. */
export async function browseAll(session: ClientSession, nodeIds: readonly string[], most: number): Promise<readonly Browsed[]> {
  const results = await session.browse(nodeIds.map((nodeId): BrowseDescriptionLike => ({
    nodeId, referenceTypeId: HIERARCHICAL, includeSubtypes: true, browseDirection: 0, nodeClassMask: SHOWN_CLASSES, resultMask: 63,
  })));
  const open = results.map(({ continuationPoint }) => continuationPoint as Buffer | null).filter((point): point is Buffer => point !== null && point.length > 0);
  if (open.length > 0) await session.browseNext(open, true);
  return results.map((result: BrowseResult): Browsed => {
    const references = [...new Map((result.references ?? []).map((reference) => [reference.nodeId.toString(), reference])).values()];
    return {
      references: references.slice(0, most), more: references.length > most || (result.continuationPoint as Buffer | null)?.length !== undefined && (result.continuationPoint as Buffer).length > 0,
      ...(result.statusCode.isGood() ? {} : { failed: result.statusCode.name }),
    };
  });
}

async function described(session: ClientSession, namespaces: readonly string[], references: readonly ReferenceDescription[]): Promise<BrowsedNode[]> {
  const nodes: BrowsedNode[] = [];
  for (let at = 0; at < references.length; at += CHUNK) {
    const part = references.slice(at, at + CHUNK);
    const ids = part.map(({ nodeId }) => nodeId.toString());
    const below = await browseAll(session, ids, 1);
    const read = await session.read(ids.flatMap((nodeId, i) => (Number(part[i]!.nodeClass) === 2
      ? [ATTRIBUTE.dataType, ATTRIBUTE.valueRank, ATTRIBUTE.userAccessLevel] : [ATTRIBUTE.eventNotifier]).map((attributeId) => ({ nodeId, attributeId }))));
    const types = await typeNames(session, read);
    let next = 0;
    part.forEach((reference, i) => {
      const kind = KINDS[Number(reference.nodeClass)];
      const variable = kind === 'variable';
      const [first, rank, access] = variable ? [read[next], read[next + 1], read[next + 2]] : [read[next]];
      next += variable ? 3 : 1;
      if (kind === undefined) return;
      nodes.push({
        nodeId: lastingNodeId(ids[i]!, namespaces), name: nameOf(reference), kind,
        property: Number(reference.referenceTypeId.value) === HAS_PROPERTY && reference.referenceTypeId.namespace === 0,
        hasChildren: kind !== 'method' && (below[i]?.references ?? []).some((each) => !variable || Number(each.referenceTypeId.value) !== HAS_PROPERTY),
        ...(variable ? { dataType: typeText(types, first, rank), access: accessOf(access) } : {}),
        ...(kind === 'object' && (Number(first?.value.value) & 1) === 1 ? { events: true } : {}),
      });
    });
  }
  return nodes;
}

const nameOf = ({ displayName, browseName }: ReferenceDescription): string => (displayName.text || browseName.name || '?').slice(0, 200);

const typeText = (names: ReadonlyMap<string, string>, type: DataValue | undefined, rank: DataValue | undefined): string => {
  const id = String(type?.value.value ?? '');
  return `${names.get(id) ?? id}${Number(rank?.value.value ?? -1) >= 0 ? '[]' : ''}`;
};

/** AccessLevelType (Part 3, 8.57). */
function accessOf(value: DataValue | undefined): Access {
  const bits = Number(value?.value.value ?? 0);
  return { read: (bits & 1) !== 0, write: (bits & 2) !== 0, history: (bits & 4) !== 0 };
}

/** Names of the data types that were read, by node id. */
async function typeNames(session: ClientSession, read: readonly DataValue[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(read.map(({ value }) => value.value as { readonly namespace?: unknown } | null).filter((value) => typeof value?.namespace === 'number').map(String));
  const names = new Map<string, string>();
  const unknown: string[] = [];
  for (const id of ids) {
    const builtIn = builtInTypeName(id);
    if (builtIn === undefined) unknown.push(id);
    else names.set(id, builtIn);
  }
  if (unknown.length === 0) return names;
  const answers = await session.read(unknown.map((nodeId) => ({ nodeId, attributeId: ATTRIBUTE.browseName })));
  unknown.forEach((id, i) => { names.set(id, String((answers[i]?.value.value as { name?: unknown } | null)?.name ?? id).slice(0, 100)); });
  return names;
}

/** Values as they are now, for people to look at. */
export async function readValues(session: ClientSession, namespaces: readonly string[], nodeIds: readonly string[]): Promise<readonly ReadValue[]> {
  const answers = nodeIds.length === 0 ? [] : await session.read(nodeIds.slice(0, CHUNK).map((nodeId) => ({ nodeId: localNodeId(nodeId, namespaces), attributeId: ATTRIBUTE.value })));
  return answers.map((answer, i) => readValue(nodeIds[i]!, answer));
}

function readValue(nodeId: string, { statusCode, value, sourceTimestamp, serverTimestamp }: DataValue): ReadValue {
  const at = sourceTimestamp ?? serverTimestamp;
  return { nodeId, text: valueText(value), status: statusCode.name, ...(at === null || Number.isNaN(at.getTime()) ? {} : { at: at.toISOString() }) };
}

/** Everything that the form shows about one node. @throws OpcUaIntakeError when the server does not have it. */
export async function describeNode(session: ClientSession, namespaces: readonly string[], nodeId: string): Promise<NodeDetail> {
  const local = localNodeId(nodeId, namespaces);
  const wanted = [ATTRIBUTE.nodeClass, ATTRIBUTE.displayName, ATTRIBUTE.description, ATTRIBUTE.value, ATTRIBUTE.dataType, ATTRIBUTE.valueRank, ATTRIBUTE.userAccessLevel, ATTRIBUTE.eventNotifier];
  const read = await session.read(wanted.map((attributeId) => ({ nodeId: local, attributeId })));
  const [nodeClass, displayName, description, value, dataType, valueRank, access, notifier] = read as [DataValue, DataValue, DataValue, DataValue, DataValue, DataValue, DataValue, DataValue];
  const kind = nodeClass.statusCode.isGood() ? KINDS[Number(nodeClass.value.value)] : undefined;
  if (kind === undefined) throw new OpcUaIntakeError('status', nodeClass.statusCode.isGood() ? `${nodeId} is nothing that has a value or can be called.` : `The server does not have ${nodeId} (${nodeClass.statusCode.name}); choose it again in the browser.`);
  const text = (each: DataValue): string => String((each.value.value as { text?: unknown } | null)?.text ?? '').slice(0, 500);
  return {
    nodeId: lastingNodeId(local, namespaces), name: text(displayName), kind, description: text(description),
    ...(kind === 'variable' ? { dataType: typeText(await typeNames(session, [dataType]), dataType, valueRank), access: accessOf(access), value: readValue(nodeId, value) } : {}),
    ...(kind === 'object' && (Number(notifier.value.value) & 1) === 1 ? { events: true } : {}),
    ...await properties(session, local),
  };
}

/** What the properties of a node say about it (Part 8, 5.3; Part 3, 8.6). */
async function properties(session: ClientSession, local: string): Promise<Partial<NodeDetail>> {
  const [below] = await browseAll(session, [local], MOST_CHILDREN);
  const named = new Map((below?.references ?? []).map((reference) => [reference.browseName.name ?? '', reference.nodeId.toString()]));
  const wanted = ['EURange', 'EngineeringUnits', 'EnumStrings', 'InputArguments'].filter((name) => named.has(name));
  if (wanted.length === 0) return {};
  const read = await session.read(wanted.map((name) => ({ nodeId: named.get(name)!, attributeId: ATTRIBUTE.value })));
  const values = new Map(wanted.map((name, i) => [name, read[i]?.value.value as unknown]));
  const range = values.get('EURange') as { low?: unknown; high?: unknown } | null | undefined;
  const unit = (values.get('EngineeringUnits') as { displayName?: { text?: unknown } } | null | undefined)?.displayName?.text;
  const texts = values.get('EnumStrings');
  const inputs = values.get('InputArguments');
  return {
    ...(typeof range?.low === 'number' && typeof range.high === 'number' ? { euRange: { low: range.low, high: range.high } } : {}),
    ...(typeof unit === 'string' && unit !== '' ? { unit: unit.slice(0, 40) } : {}),
    ...(Array.isArray(texts) ? { enumTexts: texts.slice(0, 64).map((each: { text?: unknown } | null) => String(each?.text ?? '').slice(0, 60)) } : {}),
    ...(Array.isArray(inputs) ? { arguments: await argumentsOf(session, inputs) } : {}),
  };
}

async function argumentsOf(session: ClientSession, inputs: readonly unknown[]): Promise<NonNullable<NodeDetail['arguments']>> {
  const read = inputs.slice(0, CHUNK) as readonly { readonly name?: string | null; readonly dataType: { toString(): string }; readonly valueRank?: number }[];
  const names = new Map(await Promise.all(read.map(async ({ dataType }): Promise<[string, string]> => {
    const id = String(dataType);
    return [id, builtInTypeName(id) ?? String(((await session.read({ nodeId: id, attributeId: ATTRIBUTE.browseName })).value.value as { name?: unknown } | null)?.name ?? id)];
  })));
  return read.map(({ name, dataType, valueRank }) => ({ name: (name ?? '').slice(0, 100), dataType: `${names.get(String(dataType)) ?? ''}${(valueRank ?? -1) >= 0 ? '[]' : ''}` }));
}
