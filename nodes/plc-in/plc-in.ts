import type { NodeAPI } from 'node-red';
import { registerPlcInNode } from '../../src/engine/intake/plc-in-node.ts';
import { migratePlcIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerPlcInNode(RED, 'waybill-plc-in', migratePlcIn);
}
