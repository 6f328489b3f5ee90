import { crc32 } from 'node:zlib';
import { ImageError, joined, nameAt, numberAt } from './bytes.ts';
import type { CleanImage } from './bytes.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Chunks (PNG 3rd edition §11) that the picture needs; texts, times, Exif and what nobody knows are left out. */
const kept: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'pHYs']);

/** @throws ImageError when it is no PNG from beginning to end */
export function cleanPng(bytes: Uint8Array): CleanImage {
  if (bytes.length < 8 || Buffer.compare(bytes.subarray(0, 8), signature) !== 0) throw new ImageError('This is no PNG picture, whatever its name says; send a photo.');
  const parts: Uint8Array[] = [signature];
  let size: { readonly width: number; readonly height: number } | undefined;
  let data = 0;
  for (let at = 8, name = ''; name !== 'IEND';) {
    const length = numberAt(bytes, at, 4);
    name = nameAt(bytes, at + 4);
    const end = at + 12 + length;
    if (end > bytes.length) throw new ImageError('The photo ends too early; take or send it again.');
    if ((size === undefined) !== (name === 'IHDR')) throw new ImageError('The picture is damaged; take or send it again.');
    if (name === 'IHDR') {
      if (length !== 13) throw new ImageError('The picture is damaged; take or send it again.');
      size = { width: numberAt(bytes, at + 8, 4), height: numberAt(bytes, at + 12, 4) };
    }
    if (crc32(bytes.subarray(at + 4, end - 4)) !== numberAt(bytes, end - 4, 4)) throw new ImageError('The picture was damaged on its way; send it again.');
    if (name === 'IDAT') data += length;
    if (kept.has(name)) parts.push(bytes.subarray(at, end));
    at = end;
  }
  if (size === undefined || data === 0) throw new ImageError('The file holds no picture; take or send it again.');
  return { bytes: joined(parts), ...size };
}
