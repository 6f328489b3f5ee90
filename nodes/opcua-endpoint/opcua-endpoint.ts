import type { NodeAPI } from 'node-red';
import { registerOpcUaEndpointNode } from '../../src/engine/intake/opcua-endpoint-node.ts';
import { migrateOpcUaEndpoint } from './migrations.ts';

export default function (RED: NodeAPI): void {
  registerOpcUaEndpointNode(RED, 'waybill-opcua-endpoint', migrateOpcUaEndpoint);
}
