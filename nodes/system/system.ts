import type { NodeAPI } from 'node-red';
import { registerSystemNode } from '../../src/engine/services/system-node.ts';
import { migrateSystem } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerSystemNode(RED, 'waybill-system', migrateSystem);
}
