import type { NodeAPI } from 'node-red';
import { registerBrokerNode } from '../../src/engine/intake/broker-node.ts';
import { migrateBroker } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerBrokerNode(RED, 'waybill-broker', migrateBroker);
}
