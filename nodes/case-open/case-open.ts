import type { NodeAPI } from 'node-red';
import { caseOpenNode } from '../../src/engine/node-red/case-open-node.ts';
import { migrateCaseOpen } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  caseOpenNode(RED, migrateCaseOpen);
}
