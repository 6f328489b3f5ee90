import { parseLeaf } from '../leaf.ts';
import { isCosigned } from '../log-keys.ts';
import { SqliteSource } from './source.ts';
import type { LedgerFiles } from './files.ts';

/** What can be said of a ledger at a glance, without reading all of it. Times are ISO 8601. */
export interface LedgerGlance {
  readonly ledgerId: string;
  readonly events: number;
  readonly firstRecordedAt: string | undefined;
  readonly lastRecordedAt: string | undefined;
  /** Newest signed checkpoint. */
  readonly checkpoint: { readonly size: number; readonly signedAt: string } | undefined;
  /** Since when nobody outside has cosigned; undefined when the newest checkpoint is, or there is no event. */
  readonly unwitnessedSince: string | undefined;
}

/** Checkpoints looked through for a cosignature, newest first. */
const lookedAt = 1_000;

/** Works beside a running instance. @throws LedgerError `path`, `corrupt`, `unavailable` */
export function glanceAtLedger(files: LedgerFiles): LedgerGlance {
  const source = new SqliteSource(files);
  try {
    const edge = (order: 'ASC' | 'DESC'): { position: number; recordedAt: string } | undefined => {
      const row = source.reader.cache.get(`SELECT position, leaf FROM events ORDER BY position ${order} LIMIT 1`);
      return row === undefined ? undefined : { position: Number(row['position']), recordedAt: parseLeaf(Buffer.from(row['leaf'] as Uint8Array).toString('utf8')).recordedAt };
    };
    const [first, last] = [edge('ASC'), edge('DESC')];
    const checkpoints = source.reader.cache.all('SELECT size, note, signed_at FROM checkpoints ORDER BY size DESC LIMIT ?', lookedAt)
      .map((row) => ({ size: Number(row['size']), note: String(row['note']), signedAt: String(row['signed_at']) }));
    const newest = checkpoints[0];
    const cosigned = checkpoints.find(({ note }) => isCosigned(note, source.keys));
    const witnessed = cosigned !== undefined && cosigned.size === newest?.size;
    return {
      ledgerId: source.ledgerId, events: last?.position ?? 0, firstRecordedAt: first?.recordedAt, lastRecordedAt: last?.recordedAt,
      checkpoint: newest === undefined ? undefined : { size: newest.size, signedAt: newest.signedAt },
      unwitnessedSince: witnessed ? undefined : cosigned?.signedAt ?? first?.recordedAt,
    };
  } finally {
    source.close();
  }
}
