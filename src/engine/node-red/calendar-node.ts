import type { NodeAPI, Node, NodeDef } from 'node-red';
import type { CalendarConfig } from '../calendar/calendar-config.ts';
import { currentWaybill } from './current.ts';

/** Registers the calendar config node. It only holds its configuration; the engine counts by it. */
export function registerCalendarNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => CalendarConfig): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    try {
      const placed = currentWaybill()?.calendars.set(this.id, migrate({ ...raw }));
      void placed?.problem.then((problem) => {
        if (problem !== undefined) this.error(`The calendar cannot be used: ${problem}`);
      });
      this.on('close', (done: () => void) => {
        placed?.forget();
        done();
      });
    } catch (error) {
      this.error(error instanceof Error ? error.message : String(error)); // a configuration of a newer Waybill
    }
  });
}
