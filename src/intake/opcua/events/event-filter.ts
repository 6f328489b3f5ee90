import type { ClientSession } from 'node-opcua-client';
import { loadOpcUa, type OpcUaLibrary } from '../load.ts';
import { localNodeId } from '../node-ids.ts';
import { BASE_FIELDS, CONDITION_FIELDS, type SelectedField } from './event-fields.ts';
import { ownFields, supertypesOf } from './event-types.ts';
import { STANDARD_TYPE } from './types.ts';

/** Which events of a server are wanted. */
export interface EventWish {
  /** Node that tells them; the Server object tells all (OPC UA Part 3 §7.17). */
  readonly notifier: string;
  /** Of these types or their subtypes; none for all. */
  readonly types: readonly string[];
  /** At least as severe. Alarms are heard in any case: their end may be less severe than their beginning. */
  readonly leastSeverity: number;
  /** Node ids of sources; none for all. */
  readonly sources: readonly string[];
}

export interface EventFilters {
  readonly fields: readonly SelectedField[];
  /** EventFilter of the library with everything, and without a where clause for servers that take none. */
  readonly filter: object;
  readonly plain: object;
  /** Some of them may be conditions: there is something to refresh. */
  readonly conditions: boolean;
}

/** OPC 30010: readers of bar codes and of RFID tags; their AutoIdScanEventType (§7.2). */
const AUTO_ID = 'http://opcfoundation.org/UA/AutoID/';
const AUTO_ID_SCAN = 1004;
/** Fields of one filter besides the standard ones. */
const MOST_FIELDS = 60;

/** Builds the filter for a server as it is now: only of types that it has. @throws OpcUaIntakeError for a type that it has not */
export async function eventFilters(session: ClientSession, wish: EventWish, namespaces: readonly string[]): Promise<EventFilters> {
  const library = await loadOpcUa();
  const types = wish.types.map((type) => localNodeId(type, namespaces));
  const sources = wish.sources.map((source) => localNodeId(source, namespaces));
  const [condition, acknowledgeable, alarm] = await known(session, [STANDARD_TYPE.condition, STANDARD_TYPE.acknowledgeable, STANDARD_TYPE.alarm]);
  const autoId = namespaces.indexOf(AUTO_ID);
  const wanted = await ownFields(session, types.length === 0 && autoId > 0 ? [`ns=${autoId};i=${AUTO_ID_SCAN}`] : types, MOST_FIELDS);
  const fields = [
    ...BASE_FIELDS, ...(condition ? CONDITION_FIELDS.condition : []), ...(acknowledgeable ? CONDITION_FIELDS.acknowledgeable : []), ...(alarm ? CONDITION_FIELDS.alarm : []), ...wanted,
  ];
  const selectClauses = fields.map((field) => clause(library, field));
  const where = whereOf(library, { ...wish, types, sources }, condition === true);
  return {
    fields, conditions: condition === true && (types.length === 0 || await anyCondition(session, types)),
    filter: new library.EventFilter({ selectClauses, ...(where === undefined ? {} : { whereClause: where }) } as never),
    plain: new library.EventFilter({ selectClauses } as never),
  };
}

function clause({ SimpleAttributeOperand, resolveNodeId }: OpcUaLibrary, { typeId, path, nodeId }: SelectedField): object {
  return new SimpleAttributeOperand({ typeDefinitionId: resolveNodeId(typeId), browsePath: path.map((step) => ({ ...step })), attributeId: nodeId === true ? 1 : 13 });
}

async function known(session: ClientSession, nodeIds: readonly string[]): Promise<readonly boolean[]> {
  const read = await session.read(nodeIds.map((nodeId) => ({ nodeId, attributeId: 2 })));
  return nodeIds.map((_nodeId, at) => read[at]?.statusCode.isGood() === true);
}

async function anyCondition(session: ClientSession, types: readonly string[]): Promise<boolean> {
  for (const type of types) if ((await supertypesOf(session, type)).includes(STANDARD_TYPE.condition)) return true;
  return false;
}

/** One element of a where clause: an operator over literals, fields and other elements. */
type Term =
  | { readonly is: 'type'; readonly type: string }
  | { readonly is: 'severity'; readonly least: number }
  | { readonly is: 'source'; readonly nodeId: string }
  | { readonly is: 'and' | 'or'; readonly of: readonly [Term, Term] };

const anyOf = (terms: readonly Term[]): Term | undefined => (terms.length === 0 ? undefined : terms.reduceRight((rest, term): Term => ({ is: 'or', of: [term, rest] })));
const allOf = (terms: readonly Term[]): Term | undefined => (terms.length === 0 ? undefined : terms.reduceRight((rest, term): Term => ({ is: 'and', of: [term, rest] })));

/** What is about listening itself passes always: refreshes, and queues that ran over (Part 9 §5.5.7, Part 4 §7.22.3). */
function whereOf(library: OpcUaLibrary, { types, leastSeverity, sources }: EventWish, conditions: boolean): object | undefined {
  const type = (id: string): Term => ({ is: 'type', type: id });
  const wanted = allOf([
    ...[anyOf(types.filter((id) => id !== STANDARD_TYPE.base).map(type))].filter((term) => term !== undefined && !types.includes(STANDARD_TYPE.base)) as Term[],
    ...(leastSeverity <= 1 ? [] : [anyOf([{ is: 'severity', least: leastSeverity }, ...(conditions ? [type(STANDARD_TYPE.condition)] : [])]) as Term]),
    ...[anyOf(sources.map((nodeId): Term => ({ is: 'source', nodeId })))].filter((term) => term !== undefined) as Term[],
  ]);
  if (wanted === undefined) return undefined;
  const whole = anyOf([wanted, ...(conditions ? [type(STANDARD_TYPE.refreshStart), type(STANDARD_TYPE.refreshEnd), type(STANDARD_TYPE.refreshRequired)] : [])]) as Term;
  return new library.ContentFilter({ elements: elementsOf(library, whole) } as never);
}

/** The tree as a list in which an element names those after it (Part 4 §7.7.1: the first one is the root). */
function elementsOf(library: OpcUaLibrary, root: Term): object[] {
  const { ContentFilterElement, ElementOperand, LiteralOperand, SimpleAttributeOperand, FilterOperator, DataType, resolveNodeId } = library;
  const elements: object[] = [];
  const literal = (dataType: number, value: unknown): object => new LiteralOperand({ value: { dataType, value } as never });
  const attribute = (name: string): object => new SimpleAttributeOperand({ typeDefinitionId: resolveNodeId(STANDARD_TYPE.base), browsePath: [{ namespaceIndex: 0, name }], attributeId: 13 });
  const place = (term: Term): number => {
    const at = elements.length;
    elements.push({});
    const made = ((): { filterOperator: number; filterOperands: object[] } => {
      switch (term.is) {
        case 'type': return { filterOperator: FilterOperator.OfType, filterOperands: [literal(DataType.NodeId, resolveNodeId(term.type))] };
        case 'severity': return { filterOperator: FilterOperator.GreaterThanOrEqual, filterOperands: [attribute('Severity'), literal(DataType.UInt16, term.least)] };
        case 'source': return { filterOperator: FilterOperator.Equals, filterOperands: [attribute('SourceNode'), literal(DataType.NodeId, resolveNodeId(term.nodeId))] };
        default: return { filterOperator: term.is === 'and' ? FilterOperator.And : FilterOperator.Or, filterOperands: term.of.map((each) => new ElementOperand({ index: place(each) })) };
      }
    })();
    elements[at] = new ContentFilterElement(made as never);
    return at;
  };
  place(root);
  return elements;
}
