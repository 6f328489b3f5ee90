import { createHash } from 'node:crypto';

/** How `/waybill/healthz` names a ledger without saying its id: 16 hex digits. */
export function instanceOf(ledgerId: string): string {
  return createHash('sha256').update(ledgerId).digest('hex').slice(0, 16);
}
