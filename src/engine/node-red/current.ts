import type { Waybill } from '../api.ts';

const key = Symbol.for('waybill');

/** The engine of this process, put there by the runtime plugin before any flow starts. */
export function currentWaybill(): Waybill | undefined {
  return (globalThis as { [key]?: Waybill })[key];
}

export function setCurrentWaybill(waybill: Waybill): void {
  (globalThis as { [key]?: Waybill })[key] = waybill;
}
