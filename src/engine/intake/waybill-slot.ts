import type { Waybill } from '../api.ts';

/** The engine of this process, put there by the runtime plugin before any flow starts. */
export function runningWaybill(): Waybill | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for('waybill')] as Waybill | undefined;
}

/** What a node says when there is no engine. */
export const noEngine = 'Waybill does not run in this Node-RED: its plugin was not loaded. Look at the log of the start.';
