import type { NodeAPI } from 'node-red';
import { registerEventInNode } from '../../src/engine/intake/event-in-node.ts';
import { migrateEventIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerEventInNode(RED, 'waybill-event-in', migrateEventIn);
}
