import { createHash } from 'node:crypto';
import type { Reply } from './http.ts';
import { problem } from './problems.ts';

/** Answers that are kept for repeats; beyond it the engine's own command keys still stop a second effect. */
const MAX_KEPT = 5_000;
const KEEP_MS = 24 * 3_600_000;

interface Entry { readonly requestHash: string; readonly at: number; reply: Reply | undefined }

/**
 * The key of a command: the client's Idempotency-Key scoped to person and route, hashed to a fixed
 * length. It goes to the engine, where the ledger makes the command happen once, over restarts too.
 */
export function commandKey(person: string, route: string, key: string): string {
  return createHash('sha256').update(JSON.stringify([person, route, key])).digest('base64url');
}

/**
 * Repeats of a request get the first answer again (draft-ietf-httpapi-idempotency-key-header-07): a key
 * that comes with another body is refused, and so is one whose first request still runs. In memory and
 * bounded.
 */
export class IdempotentReplies {
  readonly #entries = new Map<string, Entry>();

  /** @throws WebError `idempotency-key-reused`, `idempotency-in-progress` */
  async run(key: string, body: unknown, now: number, work: () => Promise<Reply>): Promise<Reply> {
    const requestHash = createHash('sha256').update(JSON.stringify(body) ?? '').digest('hex');
    const known = this.#entries.get(key);
    if (known !== undefined && now - known.at < KEEP_MS) {
      if (known.requestHash !== requestHash) throw problem('idempotency-key-reused');
      if (known.reply === undefined) throw problem('idempotency-in-progress', undefined, { headers: { 'Retry-After': '1' } });
      return { ...known.reply, headers: { ...known.reply.headers, 'Idempotency-Replayed': 'true' } };
    }
    const entry: Entry = { requestHash, at: now, reply: undefined };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    while (this.#entries.size > MAX_KEPT) this.#entries.delete(this.#entries.keys().next().value!);
    try {
      return entry.reply = await work();
    } catch (error) {
      // A refusal changed nothing; the same key may try again.
      this.#entries.delete(key);
      throw error;
    }
  }
}
