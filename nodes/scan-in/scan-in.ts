import type { NodeAPI } from 'node-red';
import { registerScanInNode } from '../../src/engine/intake/scan-in-node.ts';
import { migrateScanIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerScanInNode(RED, 'waybill-scan-in', migrateScanIn);
}
