import type { NodeAPI } from 'node-red';
import { registerSiteNode } from '../../src/engine/intake/site-node.ts';
import { migrateSite } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerSiteNode(RED, 'waybill-site', migrateSite);
}
