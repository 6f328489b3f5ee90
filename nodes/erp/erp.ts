import type { NodeAPI } from 'node-red';
import { registerBusinessCall } from '../../src/engine/services/business-call-node.ts';
import { migrateErp } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  registerBusinessCall(RED, 'waybill-erp', migrateErp);
}
