import type { AccountStore } from '../../ledger/accounts-port.ts';

/** Finds display names by account id for as long as one answer takes. */
export async function directory(store: AccountStore): Promise<(userId: string) => string | undefined> {
  const names = new Map((await store.listUsers()).map((user) => [user.id, user.displayName]));
  return (userId) => names.get(userId);
}
