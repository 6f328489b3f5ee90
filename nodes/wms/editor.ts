import { businessCallForm } from '../business-call-form.ts';
import { migrateWms } from './migrations.ts';

RED.nodes.registerType('waybill-wms', { icon: 'waybill-wms.svg', ...businessCallForm('wms', migrateWms) });
