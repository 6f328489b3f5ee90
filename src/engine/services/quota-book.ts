import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { takeQuota } from '../../domain/service/quota.ts';
import type { Quota, QuotaUse } from '../../domain/service/quota.ts';
import { once } from '../support/reporting.ts';

interface Kept { readonly since: number; readonly calls: number }

/**
 * What was used of quotas, kept over restarts in a file. Calls are written down ahead, a hundredth of the quota at a time: after
 * a crash a few that were never made count as made, and none that was made is forgotten.
 */
export class QuotaBook {
  readonly #file: string;
  readonly #use = new Map<string, QuotaUse>();
  /** As far as the file says that it was used. */
  readonly #written = new Map<string, Kept>();

  /** A file that cannot be read counts as one that says nothing; who opens it is told. */
  constructor(file: string) {
    this.#file = file;
    for (const [key, kept] of Object.entries(read(file))) {
      this.#use.set(key, kept);
      this.#written.set(key, kept);
    }
  }

  /** Takes one call; 0 when it was there, else when the next window begins, ms since 1970. */
  take(key: string, quota: Quota, now: number): number {
    const { taken, use, resetsAt } = takeQuota(quota, this.#use.get(key), now);
    if (!taken) return resetsAt;
    const written = this.#written.get(key);
    if (written === undefined || written.since !== use.since || written.calls < use.calls) {
      this.#write(key, { since: use.since, calls: Math.min(quota.calls, use.calls - 1 + Math.max(1, Math.ceil(quota.calls / 100))) });
    }
    this.#use.set(key, use);
    return 0;
  }

  used(key: string): QuotaUse | undefined {
    return this.#use.get(key);
  }

  /** In order: what was written down ahead and not used is given back. */
  close(): void {
    if (this.#use.size === 0) return;
    for (const [key, use] of this.#use) this.#written.set(key, use);
    this.#save();
  }

  #write(key: string, kept: Kept): void {
    this.#written.set(key, kept);
    this.#save();
  }

  #save(): void {
    const next = `${this.#file}.next`;
    try {
      const file = openSync(next, 'w', 0o600);
      try {
        writeSync(file, JSON.stringify(Object.fromEntries(this.#written)));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(next, this.#file);
    } catch (error) {
      once('quota-book', `What was used of quotas could not be written (${(error as Error).message}); until it can, a restart forgets it.`);
    }
  }
}

function read(file: string): Readonly<Record<string, Kept>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value as Record<string, Partial<Kept>>).filter((entry): entry is [string, Kept] => Number.isFinite(entry[1].since) && Number.isFinite(entry[1].calls)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') once('quota-book', `What was used of quotas could not be read from ${file} (${(error as Error).message}); the windows begin anew.`);
    return {};
  }
}
