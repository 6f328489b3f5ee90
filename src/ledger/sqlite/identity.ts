import type { DatabaseSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { LedgerError } from '../port.ts';
import type { NoteSigner } from '../transparency/index.ts';
import type { Row } from './database.ts';
import { countSignerKeys, createSignerKey, loadSigner } from './keys.ts';
import { logKeys } from './tree.ts';

/** Who a ledger is. */
export interface LedgerIdentity {
  readonly ledgerId: string;
  /** Origin line of the checkpoints of the newest incarnation. */
  readonly origin: string;
  readonly incarnation: number;
  readonly signer: NoteSigner;
}

function metaOf(db: DatabaseSync, key: string): string | undefined {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key) as Row | undefined;
  return row === undefined ? undefined : String(row['value']);
}

/** A site id in the form that an origin may have: no white space, no plus sign (C2SP signed-note). */
function originPart(site: string): string {
  return encodeURIComponent(site);
}

/**
 * Reads who the ledger is. A new one gets an id, an origin and a key.
 * @throws LedgerError `key`
 */
export function identify(db: DatabaseSync, keysFolder: string, site: string, origin: string | undefined): LedgerIdentity {
  const ledgerId = metaOf(db, 'ledger_id');
  if (ledgerId === undefined) return create(db, keysFolder, origin ?? `waybill/${originPart(site)}/`);
  const newest = logKeys(db).at(-1);
  if (newest === undefined) throw new LedgerError('corrupt', 'The ledger names no signing key.');
  return { ledgerId, origin: newest.origin, incarnation: newest.incarnation, signer: loadSigner(keysFolder, newest.verifierKey) };
}

function create(db: DatabaseSync, keysFolder: string, origin: string): LedgerIdentity {
  const ledgerId = randomUUID();
  const full = origin.endsWith('/') ? `${origin}${ledgerId}` : origin;
  const signer = createSignerKey(keysFolder, full);
  db.exec('BEGIN IMMEDIATE');
  const set = db.prepare('INSERT INTO meta(key, value) VALUES (?, ?)');
  set.run('ledger_id', ledgerId);
  set.run('origin', full);
  addKey(db, 1, signer);
  db.exec('COMMIT');
  return { ledgerId, origin: full, incarnation: 1, signer };
}

/**
 * Opens a new incarnation: an origin and a key of its own, because a log must never sign two histories under one name
 * (C2SP tlog-checkpoint). Keys lie outside of the database, so they count the incarnations that a restored backup forgot.
 */
export function nextIncarnation(db: DatabaseSync, keysFolder: string, identity: LedgerIdentity): LedgerIdentity {
  const incarnation = Math.max(identity.incarnation, countSignerKeys(keysFolder)) + 1;
  const signer = createSignerKey(keysFolder, `${metaOf(db, 'origin')!}/${incarnation}-${randomUUID().slice(0, 8)}`);
  addKey(db, incarnation, signer);
  return { ...identity, origin: signer.name, incarnation, signer };
}

function addKey(db: DatabaseSync, incarnation: number, signer: NoteSigner): void {
  db.prepare('INSERT INTO log_keys(incarnation, origin, verifier_key) VALUES (?, ?, ?)').run(incarnation, signer.name, signer.verifierKey);
}
