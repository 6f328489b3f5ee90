import type { LedgerErrorCode } from '../port.ts';
import type { BatchMessage } from './batch.ts';

/** What main thread and workers say to each other. Text and flat arrays: cheap to clone. */

/** Why a commit was not taken. */
export type Refusal =
  | { readonly ok: false; readonly reason: 'version-conflict'; readonly actualVersion: number }
  | { readonly ok: false; readonly reason: 'reserved'; readonly scope: string; readonly keyHash: string; readonly holder: string }
  | { readonly ok: false; readonly reason: 'reservation-moved'; readonly scope: string; readonly keyHash: string; readonly version: number }
  | { readonly ok: false; readonly reason: 'duplicate-command'; readonly streamId: string; readonly version: number }
  | { readonly ok: false; readonly reason: 'error'; readonly code: LedgerErrorCode; readonly message: string };

/** What a group came to. */
export interface GroupAnswer {
  /** Position of each commit's last event; 0 for a commit that was refused. */
  readonly positions: readonly number[];
  readonly refusals: readonly (readonly [commit: number, refusal: Refusal])[];
}

/** Where and how the writer works. */
export interface WriterData {
  readonly role: 'writer';
  readonly path: string;
  readonly site: string;
  /** Only for a new ledger. */
  readonly origin?: string;
  readonly recover: boolean;
  /** Test hook: `PRAGMA max_page_count`. */
  readonly maxPages?: number;
}

export interface ReaderData { readonly role: 'reader'; readonly path: string }

export type ToWriter =
  | BatchMessage
  | { readonly kind: 'seal'; readonly id: number }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'ready'; readonly ledgerId: string; readonly origin: string; readonly verifierKey: string; readonly lastPosition: number; readonly lastRecordedAt: string; readonly recovered?: { readonly knownSize: number; readonly foundSize: number; readonly incarnation: number } }
  | { readonly kind: 'failed'; readonly code: LedgerErrorCode; readonly message: string }
  | { readonly kind: 'done'; readonly result: GroupAnswer; readonly lastPosition: number; readonly ms: number }
  | { readonly kind: 'suspended'; readonly reason: string }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'checkpoint'; readonly size: number; readonly at: string }
  | { readonly kind: 'sealed'; readonly id: number; readonly note?: string; readonly code?: LedgerErrorCode; readonly message?: string }
  /** `pending`: a batch that could not be written. */
  | { readonly kind: 'closed'; readonly pending: boolean };

export interface ToReader { readonly id: number; readonly method: string; readonly args: readonly unknown[] }
export type FromReader =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: LedgerErrorCode; readonly message: string }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly code: LedgerErrorCode; readonly message: string };
