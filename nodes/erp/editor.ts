import { businessCallForm } from '../business-call-form.ts';
import { migrateErp } from './migrations.ts';

RED.nodes.registerType('waybill-erp', { icon: 'waybill-erp.svg', ...businessCallForm('erp', migrateErp) });
