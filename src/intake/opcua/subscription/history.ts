import type { ClientSession, DataValue, HistoryReadRequest, HistoryReadResult } from 'node-opcua-client';
import { loadOpcUa } from '../load.ts';

const ACCESS_LEVEL = 17; // AttributeIds.AccessLevel
const HISTORY_READ = 0b100; // OPC UA Part 3 §8.57
const PER_CALL = 1_000;
/** A gap with more values than this is filled as far as this. */
export const MOST_HISTORY = 100_000;

export interface HistoryOf {
  readonly values: readonly DataValue[];
  /** The server had all of it. */
  readonly whole: boolean;
}

/** Whether the server keeps old values of a node that we may read. */
export async function keepsHistory(session: ClientSession, nodeId: string): Promise<boolean> {
  const [level] = await session.read([{ nodeId, attributeId: ACCESS_LEVEL }]);
  return level?.statusCode.isGood() === true && (Number(level.value.value) & HISTORY_READ) !== 0;
}

/** What a node was between two times, as the server kept it (HistoryRead raw, OPC UA Part 11 §6.5.3). Undefined: it has none to give. */
export async function readHistory(session: ClientSession, nodeId: string, fromMs: number, toMs: number): Promise<HistoryOf | undefined> {
  const { HistoryReadRequest, ReadRawModifiedDetails, TimestampsToReturn, resolveNodeId } = await loadOpcUa();
  const values: DataValue[] = [];
  let continuationPoint: Buffer | undefined;
  const ask = (release: boolean): HistoryReadRequest => new HistoryReadRequest({
    historyReadDetails: new ReadRawModifiedDetails({ isReadModified: false, startTime: new Date(fromMs), endTime: new Date(toMs), numValuesPerNode: PER_CALL, returnBounds: false }),
    timestampsToReturn: TimestampsToReturn.Both, releaseContinuationPoints: release,
    nodesToRead: [{ nodeId: resolveNodeId(nodeId), ...(continuationPoint === undefined ? {} : { continuationPoint }) }],
  } as never);
  for (;;) {
    const answer = await session.historyRead(ask(false));
    const result: HistoryReadResult | undefined = answer.results?.[0];
    if (result === undefined || result.statusCode.isNotGood()) return values.length === 0 ? undefined : { values, whole: false };
    values.push(...(result.historyData as unknown as { readonly dataValues?: readonly DataValue[] | null } | null)?.dataValues ?? []);
    continuationPoint = (result.continuationPoint as Buffer | null) ?? undefined;
    if (continuationPoint === undefined || continuationPoint.length === 0) return { values, whole: true };
    if (values.length >= MOST_HISTORY) {
      await session.historyRead(ask(true));
      return { values, whole: false };
    }
  }
}
