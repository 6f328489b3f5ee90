import { ImageError, joined, numberAt } from './bytes.ts';
import type { CleanImage } from './bytes.ts';

/** Markers (ITU-T T.81 table B.1) that carry the picture: frames, tables, restart intervals, scans. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
const tables: ReadonlySet<number> = new Set([0xc4, 0xcc, 0xdb, 0xdd, 0xdc]);
const SOS = 0xda;
const EOI = 0xd9;
const APP0 = 0xe0;
const APP1 = 0xe1;
/** Adobe's segment says how colours are to be read; a picture without it may come out in wrong colours. */
const APP14 = 0xee;

/** Which way up a picture is (Exif 2.32 §4.6.4, tag 0x0112), 1 when it does not say. */
function orientationOf(segment: Uint8Array): number {
  if (String.fromCharCode(...segment.subarray(4, 8)) !== 'Exif' || segment.length < 18) return 1;
  const tiff = segment.subarray(10);
  const little = tiff[0] === 0x49;
  const read = (at: number, length: number): number => {
    if (at + length > tiff.length) return 0;
    let value = 0;
    for (let i = 0; i < length; i += 1) value = value * 256 + tiff[little ? at + length - 1 - i : at + i]!;
    return value;
  };
  const directory = read(4, 4);
  for (let i = 0, count = Math.min(read(directory, 2), 200); i < count; i += 1) {
    const entry = directory + 2 + i * 12;
    if (read(entry, 2) !== 0x0112) continue;
    const value = read(entry + 8, 2);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** An Exif segment that says nothing but which way up the picture is. */
function orientationSegment(orientation: number): Uint8Array {
  return Buffer.from([
    0xff, APP1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
  ]);
}

/** Where the data of a scan ends: at the next marker that is neither a stuffed byte nor a restart (T.81 §B.1.1.5). */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) throw new ImageError('The photo ends too early; take or send it again.');
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at += next === 0xff ? 1 : 2;
  }
}

/** @throws ImageError when it is no JPEG from beginning to end */
export function cleanJpeg(bytes: Uint8Array): CleanImage {
  if (numberAt(bytes, 0, 2) !== 0xffd8) throw new ImageError('This is no JPEG photo, whatever its name says; send a photo.');
  const parts: Uint8Array[] = [];
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation = 1;
  let scans = 0;
  let at = 2;
  for (;;) {
    if (numberAt(bytes, at, 1) !== 0xff) throw new ImageError('The photo is damaged; take or send it again.');
    while (numberAt(bytes, at + 1, 1) === 0xff) at += 1;
    const marker = bytes[at + 1]!;
    if (marker === EOI) break;
    const length = numberAt(bytes, at + 2, 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw new ImageError('The photo ends too early; take or send it again.');
    const segment = bytes.subarray(at, end);
    if (marker === APP1 && parts.length < 20) orientation = orientation === 1 ? orientationOf(segment) : orientation;
    if (frames.has(marker)) {
      if (length < 8) throw new ImageError('The photo is damaged; take or send it again.');
      size ??= { height: numberAt(bytes, at + 5, 2), width: numberAt(bytes, at + 7, 2) };
    }
    const isAdobe = marker === APP14 && String.fromCharCode(...segment.subarray(4, 9)) === 'Adobe' && length <= 16;
    const isJfif = marker === APP0 && String.fromCharCode(...segment.subarray(4, 8)) === 'JFIF' && length >= 16;
    // JFIF may carry a preview behind its 16 bytes: it stays away.
    if (isJfif) parts.push(Buffer.from([0xff, APP0, 0, 16]), segment.subarray(4, 16), Buffer.from([0, 0]));
    else if (isAdobe || frames.has(marker) || tables.has(marker) || marker === SOS) parts.push(segment);
    at = end;
    if (marker !== SOS) continue;
    scans += 1;
    at = endOfScan(bytes, end);
    parts.push(bytes.subarray(end, at));
  }
  if (size === undefined || scans === 0) throw new ImageError('The photo holds no picture; take or send it again.');
  const head = orientation === 1 ? [] : [orientationSegment(orientation)];
  return { bytes: joined([Buffer.from([0xff, 0xd8]), ...head, ...parts, Buffer.from([0xff, EOI])]), ...size };
}
