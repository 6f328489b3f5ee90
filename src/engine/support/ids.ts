import { randomFillSync } from 'node:crypto';

/** Random bytes of an id: its last eight, of which two bits say the variant. */
const randomBytes = 8;
const pool = Buffer.alloc(randomBytes * 512);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

/** The id as text; written in place, so that an id costs one string and nothing else. */
const text = Buffer.alloc(36, '-', 'latin1');
text.write('7', 14, 'latin1');
const digits = Buffer.from('0123456789abcdef', 'latin1');
/** The millisecond that stands in `text`. */
let writtenMs = -1;

function writeByte(byte: number, at: number): void {
  text[at] = digits[byte >> 4]!;
  text[at + 1] = digits[byte & 0xf]!;
}

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
  if (lastMs !== writtenMs) {
    const ms = lastMs.toString(16).padStart(12, '0');
    text.write(ms.slice(0, 8), 0, 'latin1');
    text.write(ms.slice(8), 9, 'latin1');
    writtenMs = lastMs;
  }
  text[15] = digits[sequence >> 8]!;
  writeByte(sequence & 0xff, 16);
  writeByte((pool[used]! & 0x3f) | 0x80, 19);
  writeByte(pool[used + 1]!, 21);
  for (let i = 2; i < randomBytes; i += 1) writeByte(pool[used + i]!, 20 + 2 * i);
  used += randomBytes;
  return text.toString('latin1');
}
