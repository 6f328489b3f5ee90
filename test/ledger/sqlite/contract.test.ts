import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { ledgerContract } from '../contract.ts';

ledgerContract({ name: 'SQLite', open: (folder, options = {}) => openSqliteLedger({ home: folder, site: 'dc-1', ...options }) });
