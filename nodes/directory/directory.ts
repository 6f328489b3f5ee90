import type { NodeAPI } from 'node-red';
import { registerDirectoryNode } from '../../src/engine/node-red/directory-node.ts';
import { migrateDirectory } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerDirectoryNode(RED, 'waybill-directory', migrateDirectory);
}
