import { BUSINESS_CALL_DEFAULTS } from '../business-call.ts';
import type { BusinessCallNodeConfig } from '../business-call.ts';
import { migrationTo } from '../config-version.ts';

export const ERP_DEFAULTS: BusinessCallNodeConfig = { ...BUSINESS_CALL_DEFAULTS };

export const migrateErp = migrationTo(ERP_DEFAULTS);
