import { crc32, deflateSync } from 'node:zlib';

/** Real pictures, made byte by byte, with whatever hangs on them. */

function segment(marker: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body]);
}

/** A grey JPEG of 8 × 8 pixels that browsers show; `shade` makes different ones. */
export function jpeg(extra: readonly Uint8Array[] = [], behind: Uint8Array = Buffer.alloc(0), shade = 0): Buffer {
  const quantisation = Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1 + shade)]);
  const frame = Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
  const codes = (kind: number): Buffer => Buffer.concat([Buffer.from([kind, 1, ...Array.from({ length: 15 }, () => 0)]), Buffer.from([0])]);
  const scan = Buffer.from([1, 1, 0, 0, 63, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]), segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')), ...extra, segment(0xdb, quantisation), segment(0xc0, frame),
    segment(0xc4, codes(0)), segment(0xc4, codes(0x10)), segment(0xda, scan), Buffer.from([0x3f, 0xff, 0xd9]), behind,
  ]);
}

/** An Exif segment with a place and a turn. */
export function exif(orientation: number): Buffer {
  const entry = (tag: number, value: number): number[] => [tag >> 8, tag & 0xff, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
  return segment(0xe1, Buffer.concat([
    Buffer.from('Exif\0\0MM\0\x2a\0\0\0\x08', 'latin1'), Buffer.from([0, 2, ...entry(0x0112, orientation), ...entry(0x8825, 99), 0, 0, 0, 0]), Buffer.from('GPS 53.5511N 9.9937E Camera of Olga'),
  ]));
}

export function comment(text: string): Buffer {
  return segment(0xfe, Buffer.from(text));
}

function chunk(name: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** A PNG of `size` × `size` grey pixels. */
export function png(extra: readonly (readonly [string, string])[] = [], size = 2, declared = size): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(declared, 0);
  header.writeUInt32BE(declared, 4);
  header[8] = 8;
  const rows = Buffer.alloc(size * (size + 1), 0x80);
  for (let y = 0; y < size; y += 1) rows[y * (size + 1)] = 0;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), ...extra.map(([name, text]) => chunk(name, Buffer.from(text))), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The smallest lossless WebP, 1 × 1, in an extended file with Exif. */
export function webp(exifText = ''): Buffer {
  const part = (name: string, body: Uint8Array): Buffer => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const picture = part('VP8L', Buffer.from([0x2f, 0, 0, 0, 0, 0x07, 0xd0, 0xff, 0xfe, 0xf7, 0xbf, 0xff, 0x81, 0x88, 0x88, 0xe8, 0x7f, 0]));
  const body = exifText === '' ? picture : Buffer.concat([part('VP8X', Buffer.from([0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0])), picture, part('EXIF', Buffer.from(exifText))]);
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(4 + body.length, 4);
  head.write('WEBP', 8, 'latin1');
  return Buffer.concat([head, body]);
}
