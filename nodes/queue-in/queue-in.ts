import type { NodeAPI } from 'node-red';
import { registerQueueInNode } from '../../src/engine/intake/queue-in-node.ts';
import { migrateQueueIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerQueueInNode(RED, 'waybill-queue-in', migrateQueueIn);
}
