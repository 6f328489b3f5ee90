import type { NodeAPI } from 'node-red';
import { registerEventOutNode } from '../../src/engine/intake/event-out-node.ts';
import { migrateEventOut } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  registerEventOutNode(RED, 'waybill-event-out', migrateEventOut);
}
