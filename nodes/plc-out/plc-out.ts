import type { NodeAPI } from 'node-red';
import { registerPlcOutNode } from '../../src/engine/intake/plc-out-node.ts';
import { migratePlcOut } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerPlcOutNode(RED, 'waybill-plc-out', migratePlcOut);
}
