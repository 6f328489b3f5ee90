import type { NodeAPI } from 'node-red';
import { registerFileInNode } from '../../src/engine/intake/file-in-node.ts';
import { migrateFileIn } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerFileInNode(RED, 'waybill-file-in', migrateFileIn);
}
