import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseLeaf } from '../leaf.ts';
import { LedgerError } from '../port.ts';
import type { Finding, StoredEvent } from '../verify.ts';
import { attachmentPath, isDigest } from './store.ts';

interface Attached { readonly position: number; readonly streamId: string; readonly sha256: string }

/** What the events say is attached and was not erased. Leaves that cannot be read are findings of the ledger itself. */
function attachedBy(events: Iterable<StoredEvent>): ReadonlyMap<string, Attached> {
  const attached = new Map<string, Attached>();
  for (const event of events) {
    if (event.type !== 'PhotoAttached' && event.type !== 'PhotoErased') continue;
    const data = dataOf(event.leaf);
    const id = data['attachmentId'];
    const sha256 = data['sha256'];
    if (typeof id !== 'string' || typeof sha256 !== 'string' || !isDigest(sha256)) continue;
    if (event.type === 'PhotoErased') attached.delete(id);
    else attached.set(id, { position: event.position, streamId: event.streamId, sha256 });
  }
  return attached;
}

function dataOf(leaf: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return parseLeaf(Buffer.from(leaf).toString('utf8')).data as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof LedgerError) return {};
    throw error;
  }
}

/** Photos whose file is missing or is not what its hash says. Each file is looked at once. */
export function verifyAttachments(home: string, events: Iterable<StoredEvent>): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const { sha256, position, streamId } of attachedBy(events).values()) {
    if (seen.has(sha256)) continue;
    seen.add(sha256);
    const about = { position, streamId };
    try {
      if (createHash('sha256').update(readFileSync(attachmentPath(home, sha256))).digest('hex') !== sha256) {
        findings.push({ code: 'attachment-changed', message: `the photo ${sha256} of case ${streamId} is not what was attached; put it back from the backup`, ...about });
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      findings.push({ code: 'attachment-missing', message: `the photo ${sha256} of case ${streamId} is not there; put it back from the backup`, ...about });
    }
  }
  return findings;
}
