import type { NodeAPI } from 'node-red';
import { registerServiceInNode } from '../../src/engine/offered/service-in-node.ts';
import { migrateServiceIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerServiceInNode(RED, 'waybill-service-in', migrateServiceIn);
}
