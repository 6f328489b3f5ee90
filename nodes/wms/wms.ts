import type { NodeAPI } from 'node-red';
import { registerBusinessCall } from '../../src/engine/services/business-call-node.ts';
import { migrateWms } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  registerBusinessCall(RED, 'waybill-wms', migrateWms);
}
