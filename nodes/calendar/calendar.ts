import type { NodeAPI } from 'node-red';
import { registerCalendarNode } from '../../src/engine/node-red/calendar-node.ts';
import { migrateCalendar } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerCalendarNode(RED, 'waybill-calendar', migrateCalendar);
}
