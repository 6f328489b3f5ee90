import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(16 * 256);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

const hex: string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/**
 * UUIDv7 (RFC 9562 §5.7), strictly increasing within the process: milliseconds, then a 12-bit counter
 * (§6.2, method 1), then 62 random bits. Time order keeps the ledger's indexes append-only.
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const ms = lastMs.toString(16).padStart(12, '0');
  const r = pool.subarray(used, used + 8);
  used += 16;
  const b = (i: number): string => hex[r[i] ?? 0] ?? '00';
  const variant = hex[((r[0] ?? 0) & 0x3f) | 0x80] ?? '80';
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${variant}${b(1)}-${b(2)}${b(3)}${b(4)}${b(5)}${b(6)}${b(7)}`;
}
