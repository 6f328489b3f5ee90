import type { BrowseDescriptionLike, BrowseResult, ClientSession, ReferenceDescription } from 'node-opcua-client';
import { lastingNodeId } from '../node-ids.ts';
import { isStandardField, type SelectedField } from './event-fields.ts';
import { STANDARD_TYPE } from './types.ts';

/** A type of event in the server's tree. */
export interface EventTypeView {
  /** With the name of its namespace. */
  readonly nodeId: string;
  readonly name: string;
  /** Types above it, nearest first, as far as BaseEventType. */
  readonly path: readonly string[];
  /** It is a condition: it has a state, and may be acknowledged. */
  readonly condition: boolean;
  /** None is of this type itself, only of those below it. */
  readonly abstract: boolean;
}

const HAS_SUBTYPE = 'i=45';
const AGGREGATES = 'i=44';
const OBJECT_TYPE = 8;
const VARIABLE = 2;
const FORWARD = 0;
const INVERSE = 1;
const CHUNK = 50;
const MOST_TYPES = 1_000;
const IS_ABSTRACT = 8;
/** Types whose fields are asked for by their own names already. */
const STANDARD_OWNERS = new Set<string>([STANDARD_TYPE.base, STANDARD_TYPE.condition, STANDARD_TYPE.acknowledgeable, STANDARD_TYPE.alarm]);

const localId = (id: { toString(): string }): string => id.toString().replace(/^ns=0;/, '');

async function browseMany(session: ClientSession, nodeIds: readonly string[], direction: number, referenceTypeId: string, classes: number): Promise<readonly (readonly ReferenceDescription[])[]> {
  const found: (readonly ReferenceDescription[])[] = [];
  for (let at = 0; at < nodeIds.length; at += CHUNK) {
    const results = await session.browse(nodeIds.slice(at, at + CHUNK).map((nodeId): BrowseDescriptionLike => ({ nodeId, referenceTypeId, includeSubtypes: true, browseDirection: direction, nodeClassMask: classes, resultMask: 63 })));
    for (const result of results) found.push(await whole(session, result));
  }
  return found;
}

async function whole(session: ClientSession, first: BrowseResult): Promise<readonly ReferenceDescription[]> {
  const references = [...first.references ?? []];
  let point = first.continuationPoint as Buffer | null;
  while (point !== null && point !== undefined && point.length > 0) {
    const next: BrowseResult = await session.browseNext(point, references.length > MOST_TYPES);
    references.push(...next.references ?? []);
    point = next.continuationPoint as Buffer | null;
  }
  return references;
}

/** All types of events of a server, breadth first from BaseEventType (OPC UA Part 5 §6.4), each after the one above it. */
export async function eventTypes(session: ClientSession, namespaces: readonly string[]): Promise<{ readonly types: readonly EventTypeView[]; readonly complete: boolean }> {
  const types: EventTypeView[] = [];
  const seen = new Set<string>([STANDARD_TYPE.base]);
  let level: { readonly local: string; readonly view: EventTypeView }[] = [
    { local: STANDARD_TYPE.base, view: { nodeId: STANDARD_TYPE.base, name: 'BaseEventType', path: [], condition: false, abstract: false } },
  ];
  types.push(...level.map(({ view }) => view));
  while (level.length > 0 && types.length < MOST_TYPES) {
    const below = await browseMany(session, level.map(({ local }) => local), FORWARD, HAS_SUBTYPE, OBJECT_TYPE);
    const next: typeof level = [];
    level.forEach(({ view }, i) => {
      for (const { nodeId, browseName } of below[i] ?? []) {
        const local = localId(nodeId);
        if (seen.has(local)) continue;
        seen.add(local);
        const name = (browseName.name ?? '?').slice(0, 200);
        next.push({ local, view: { nodeId: lastingNodeId(local, namespaces), name, path: [view.name, ...view.path], condition: view.condition || local === STANDARD_TYPE.condition, abstract: false } });
      }
    });
    const abstract = await flags(session, next.map(({ local }) => local));
    level = next.map(({ local, view }, i) => ({ local, view: { ...view, abstract: abstract[i] === true } }));
    types.push(...level.map(({ view }) => view));
  }
  return { types: types.slice(0, MOST_TYPES), complete: level.length === 0 };
}

async function flags(session: ClientSession, nodeIds: readonly string[]): Promise<readonly boolean[]> {
  const read: boolean[] = [];
  for (let at = 0; at < nodeIds.length; at += CHUNK) {
    const part = nodeIds.slice(at, at + CHUNK);
    const answers = await session.read(part.map((nodeId) => ({ nodeId, attributeId: IS_ABSTRACT })));
    read.push(...part.map((_nodeId, i) => answers[i]?.value.value === true));
  }
  return read;
}

/** A type and all above it, as the server has them now, nearest first. */
export async function supertypesOf(session: ClientSession, type: string): Promise<readonly string[]> {
  const above = [type];
  for (let at = type; above.length < 30; ) {
    const [found] = await browseMany(session, [at], INVERSE, HAS_SUBTYPE, OBJECT_TYPE);
    const [parent] = found ?? [];
    if (parent === undefined) break;
    at = localId(parent.nodeId);
    above.push(at);
  }
  return above;
}

/** Types below one, with itself: bounded, nearest first. */
async function subtypesOf(session: ClientSession, type: string): Promise<readonly string[]> {
  const all = [type];
  const seen = new Set(all);
  for (let level: readonly string[] = all; level.length > 0 && all.length < 200; ) {
    const below = await browseMany(session, level, FORWARD, HAS_SUBTYPE, OBJECT_TYPE);
    level = [...new Set(below.flat().map(({ nodeId }) => localId(nodeId)))].filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
    all.push(...level);
  }
  return all;
}

/**
 * Fields that events of these types have besides the standard ones: own, inherited, and those of their subtypes. Of an
 * AutoID scan (OPC 30010 §7) that is its ScanResult and DeviceName.
 */
export async function ownFields(session: ClientSession, types: readonly string[], most: number): Promise<readonly SelectedField[]> {
  const fields = new Map<string, SelectedField>();
  for (const type of types) {
    if (STANDARD_OWNERS.has(type)) continue;
    const family = [...await supertypesOf(session, type), ...(await subtypesOf(session, type)).slice(1)].filter((id) => !STANDARD_OWNERS.has(id));
    const below = await browseMany(session, family, FORWARD, AGGREGATES, VARIABLE);
    family.forEach((owner, i) => {
      for (const { browseName } of below[i] ?? []) {
        const name = browseName.name ?? '';
        const path = `${browseName.namespaceIndex}:${name}`;
        // two namespaces may have one name; the first has it
        if (name === '' || isStandardField(name) || fields.has(path) || [...fields.values()].some((each) => each.name === name) || fields.size >= most) continue;
        fields.set(path, { name, typeId: owner, path: [{ namespaceIndex: browseName.namespaceIndex, name }] });
      }
    });
  }
  return [...fields.values()];
}
