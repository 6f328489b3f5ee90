import { ImageError, joined, nameAt, numberAt } from './bytes.ts';
import type { CleanImage } from './bytes.ts';

/** Chunks (RFC 9649 §2) that the picture needs; Exif, XMP, colour profiles and what nobody knows are left out. */
const kept: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF']);
/** Flags of VP8X that stay: alpha and animation. */
const keptFlags = 0x12;

function littleAt(bytes: Uint8Array, at: number, length: number): number {
  numberAt(bytes, at, length);
  let value = 0;
  for (let i = length - 1; i >= 0; i -= 1) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Size of the picture in a chunk; undefined when it does not say. */
function sizeOf(name: string, bytes: Uint8Array, at: number): { readonly width: number; readonly height: number } | undefined {
  if (name === 'VP8X') return { width: littleAt(bytes, at + 4, 3) + 1, height: littleAt(bytes, at + 7, 3) + 1 };
  if (name === 'VP8L') {
    if (bytes[at] !== 0x2f) throw new ImageError('The picture is damaged; take or send it again.');
    const packed = littleAt(bytes, at + 1, 4);
    return { width: (packed % 0x4000) + 1, height: (Math.floor(packed / 0x4000) % 0x4000) + 1 };
  }
  if (name !== 'VP8 ') return undefined;
  if (numberAt(bytes, at + 3, 3) !== 0x9d012a) throw new ImageError('The picture is damaged; take or send it again.');
  return { width: littleAt(bytes, at + 6, 2) % 0x4000, height: littleAt(bytes, at + 8, 2) % 0x4000 };
}

/** @throws ImageError when it is no WebP from beginning to end */
export function cleanWebp(bytes: Uint8Array): CleanImage {
  if (bytes.length < 20 || nameAt(bytes, 0) !== 'RIFF' || nameAt(bytes, 8) !== 'WEBP') throw new ImageError('This is no WebP picture, whatever its name says; send a photo.');
  const end = 8 + littleAt(bytes, 4, 4);
  if (end > bytes.length) throw new ImageError('The photo ends too early; take or send it again.');
  const parts: Uint8Array[] = [];
  let size: { readonly width: number; readonly height: number } | undefined;
  let picture = false;
  for (let at = 12; at + 8 <= end;) {
    const name = nameAt(bytes, at);
    const length = littleAt(bytes, at + 4, 4);
    const next = at + 8 + length + (length % 2);
    if (at + 8 + length > end) throw new ImageError('The photo ends too early; take or send it again.');
    size ??= sizeOf(name, bytes, at + 8);
    picture ||= name === 'VP8 ' || name === 'VP8L' || name === 'ANMF';
    if (kept.has(name)) {
      const part = Buffer.from(bytes.subarray(at, Math.min(next, end)));
      if (name === 'VP8X') part[8] = part[8]! & keptFlags;
      parts.push(part, ...(part.length < next - at ? [Buffer.from([0])] : []));
    }
    at = next;
  }
  if (size === undefined || !picture) throw new ImageError('The file holds no picture; take or send it again.');
  const body = joined(parts);
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(4 + body.length, 4);
  head.write('WEBP', 8, 'latin1');
  return { bytes: joined([head, body]), ...size };
}
