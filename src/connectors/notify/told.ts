export type FailureKind = 'transient' | 'permanent' | 'settings';

/** What became of telling somebody; failures are values (STYLE 10). Nothing in it names a secret: it goes into logs and the ledger. */
export type Told =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** `transient`: worth another try. `permanent`: this recipient or this message will never be taken. `settings`: nothing is taken before somebody mends a setting. */
    readonly kind: FailureKind;
    readonly errorClass: string; readonly message: string;
    /** The other side asks for this pause, ms. */
    readonly retryAfterMs?: number;
    /** Only this recipient failed: the others are worth trying now. */
    readonly recipient?: true;
  };

export const told: Told = { ok: true };

export function failed(kind: FailureKind, errorClass: string, message: string, more: { readonly retryAfterMs?: number; readonly recipient?: true } = {}): Told & { readonly ok: false } {
  return { ok: false, kind, errorClass, message, ...more };
}
