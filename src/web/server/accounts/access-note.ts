import { randomUUID } from 'node:crypto';
import type { AccessNote } from '../../../ledger/accounts-port.ts';

/** A change of accounts for the ledger; stored with the change itself. `what` holds no names and nothing secret. */
export function accessNote(what: string, userId: string, byUserId?: string): AccessNote {
  return { id: randomUUID(), at: new Date().toISOString(), what, userId, ...(byUserId === undefined ? {} : { byUserId }) };
}
