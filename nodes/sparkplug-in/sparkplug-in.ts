import type { NodeAPI } from 'node-red';
import { registerSparkplugInNode } from '../../src/engine/intake/sparkplug-in-node.ts';
import { migrateSparkplugIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerSparkplugInNode(RED, 'waybill-sparkplug-in', migrateSparkplugIn);
}
