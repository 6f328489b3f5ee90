import type { ClientSession } from 'node-opcua-client';
import { OpcUaIntakeError } from '../errors.ts';

/** Server_ServerStatus_StartTime and _CurrentTime (OPC UA Part 5 §6.3.1). */
const START_TIME = 'ns=0;i=2257';
const CURRENT_TIME = 'ns=0;i=2258';
const VALUE = 13; // AttributeIds.Value, OPC UA Part 6 §A.1

/** When the server was started (epoch milliseconds, 0 when it does not say) and how far its clock is ahead of ours. */
export async function readServerStatus(session: ClientSession): Promise<{ readonly startedAt: number; readonly skewMs: number }> {
  const asked = Date.now();
  const [start, current] = await session.read([{ nodeId: START_TIME, attributeId: VALUE }, { nodeId: CURRENT_TIME, attributeId: VALUE }]);
  const answered = Date.now();
  if (current === undefined || start === undefined) throw new OpcUaIntakeError('status', 'The server does not answer what time it is.');
  const now = timeOf(current.value.value);
  return { startedAt: timeOf(start.value.value) ?? 0, skewMs: now === undefined ? 0 : Math.round(now - (asked + answered) / 2) };
}

function timeOf(value: unknown): number | undefined {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined;
}
