import type { Services } from './operation.ts';

/**
 * Finds display names by the pseudonyms that stand in the ledger. The pairing exists only while an
 * answer is made: the ledger itself never learns it.
 */
export async function directory({ accounts, waybill }: Pick<Services, 'accounts' | 'waybill'>): Promise<(pseudonym: string) => string | undefined> {
  const names = new Map((await accounts.listUsers()).map((user) => [waybill.pseudonym(user.id), user.displayName]));
  return (pseudonym) => names.get(pseudonym);
}
