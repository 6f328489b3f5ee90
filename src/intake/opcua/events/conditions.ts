import type { ClientSession } from 'node-opcua-client';
import type { OpcUaConnection } from '../session/connection.ts';
import { loadOpcUa } from '../load.ts';
import { localNodeId } from '../node-ids.ts';
import { statusName } from '../tags/tags.ts';
import { lastNotification } from './condition-book.ts';
import { alarmKey } from './decide.ts';
import { STANDARD_TYPE } from './types.ts';

/** What is told a server about one of its conditions (OPC UA Part 9 §5.7.3, §5.7.4). */
export interface ConditionAnswer {
  readonly what: 'acknowledge' | 'confirm';
  /** Node id of the condition. */
  readonly condition: string;
  /** Hexadecimal, of the notification that is answered. */
  readonly eventId: string;
  readonly comment: string;
}

/** Methods of the types: a server need not show its conditions as nodes, so these are called on their node id (Part 9 §5.7.3). */
const METHOD = { acknowledge: { id: 'i=9111', name: 'Acknowledge' }, confirm: { id: 'i=9113', name: 'Confirm' } } as const;
const REFRESH = 'i=3875'; // ConditionType.ConditionRefresh, Part 9 §5.5.7
const NO_SUCH_METHOD = new Set(['BadMethodInvalid', 'BadNodeIdUnknown', 'BadNodeIdInvalid', 'BadNotImplemented']);
const HAS_COMPONENT = 'i=47';

/** The name of the status with which the server answers; what breaks the connection rejects. */
export async function answerCondition(session: ClientSession, { what, condition, eventId, comment }: ConditionAnswer, namespaces: readonly string[]): Promise<string> {
  const { DataType, coerceLocalizedText } = await loadOpcUa();
  const objectId = localNodeId(condition, namespaces);
  const call = async (methodId: string): Promise<string> => statusName((await session.call({
    objectId, methodId,
    inputArguments: [{ dataType: DataType.ByteString, value: Buffer.from(eventId, 'hex') }, { dataType: DataType.LocalizedText, value: coerceLocalizedText(comment) }],
  })).statusCode);
  const status = await call(METHOD[what].id);
  if (!NO_SUCH_METHOD.has(status)) return status;
  const own = await ownMethod(session, objectId, METHOD[what].name);
  return own === undefined ? status : call(own);
}

/** Some servers know the method of the condition itself only. */
async function ownMethod(session: ClientSession, objectId: string, name: string): Promise<string | undefined> {
  const found = await session.translateBrowsePath({
    startingNode: objectId, relativePath: { elements: [{ referenceTypeId: HAS_COMPONENT, isInverse: false, includeSubtypes: true, targetName: { namespaceIndex: 0, name } }] },
  } as never);
  return found.targets?.[0]?.targetId.toString();
}

/**
 * Answers a condition whose notification was seen a while ago: names the last one that anybody here has heard, else the one
 * that the server shows at the condition itself, else the one that was seen.
 */
export function answerLatest(connection: OpcUaConnection, answer: ConditionAnswer & { readonly branch: string }): Promise<string> {
  return connection.withSession(async (session) => {
    const namespaces = await session.readNamespaceArray();
    const heard = lastNotification(connection, alarmKey({ id: answer.condition, branch: answer.branch }));
    const tried = new Set<string>();
    let status = 'BadEventIdUnknown';
    for (const find of [() => Promise.resolve(heard), () => Promise.resolve(answer.eventId), () => (answer.branch === '' ? shownEventId(session, localNodeId(answer.condition, namespaces)) : Promise.resolve(undefined))]) {
      const eventId = await find();
      if (eventId === undefined || eventId === '' || tried.has(eventId)) continue;
      tried.add(eventId);
      status = await answerCondition(session, { ...answer, eventId }, namespaces);
      if (judgeAnswer(status) !== 'stale') break;
    }
    return status;
  });
}

/** A condition that is shown as a node has its last notification as a property (Part 9 §5.5.2). */
async function shownEventId(session: ClientSession, conditionId: string): Promise<string | undefined> {
  const found = await session.translateBrowsePath({
    startingNode: conditionId, relativePath: { elements: [{ referenceTypeId: 'i=46', isInverse: false, includeSubtypes: true, targetName: { namespaceIndex: 0, name: 'EventId' } }] },
  } as never);
  const nodeId = found.targets?.[0]?.targetId.toString();
  const value: unknown = nodeId === undefined ? undefined : (await session.read({ nodeId, attributeId: 13 })).value.value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
}

/** Asks the server to tell what is of interest now, to one subscription (Part 9 §5.5.7). */
export async function refreshConditions(session: ClientSession, subscriptionId: number): Promise<string> {
  const { DataType } = await loadOpcUa();
  const result = await session.call({ objectId: STANDARD_TYPE.condition, methodId: REFRESH, inputArguments: [{ dataType: DataType.UInt32, value: subscriptionId }] });
  return statusName(result.statusCode);
}

/** What a status says of an acknowledgement or a confirmation (Part 9 §5.7.3, table 46). */
export function judgeAnswer(status: string): 'done' | 'stale' | 'later' | 'refused' {
  if (/^Good/.test(status)) return 'done';
  // somebody was faster: what was wanted is so
  if (status === 'BadConditionBranchAlreadyAcked' || status === 'BadConditionBranchAlreadyConfirmed') return 'done';
  if (status === 'BadEventIdUnknown') return 'stale';
  if (/BadConditionDisabled|UserAccessDenied|BadMethodInvalid|BadNodeIdUnknown|BadNodeIdInvalid|BadNotImplemented|BadServiceUnsupported|BadNotExecutable|BadArgumentsMissing|BadInvalidArgument|BadTypeMismatch/.test(status)) return 'refused';
  return 'later';
}

/** One sentence about a refused answer: what is wrong and what to do. */
export function refusedAnswer(name: string, what: 'acknowledge' | 'confirm', status: string): string {
  const done = what === 'acknowledge' ? 'acknowledged' : 'confirmed';
  const why = /UserAccessDenied|NotExecutable/.test(status) ? 'give this user the right to it on the server, or sign in as another one'
    : status === 'BadConditionDisabled' ? 'the condition is disabled; enable it on the server'
    : status === 'BadEventIdUnknown' ? 'the server knows a newer event of it; its state is asked for'
    : /Method|NodeId|NotImplemented|ServiceUnsupported/.test(status) ? 'the server has no such method for this alarm; choose never' : 'trying again';
  return `The alarm "${name}" is not ${done} at the server (${status}): ${why}.`;
}
