import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImageError } from '../../../src/ledger/attachments/bytes.ts';
import { cleanImage, imageTypeOf } from '../../../src/ledger/attachments/image.ts';
import type { ImageType } from '../../../src/ledger/attachments/image.ts';
import { comment, exif, jpeg, png, webp } from '../../support/photos.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('photos that are taken in', () => {
  it('lose places, cameras, comments and whatever hangs behind, in each format', () => {
    const photos: readonly (readonly [ImageType, Buffer])[] = [
      ['image/jpeg', jpeg([exif(1), comment('<script>alert(1)</script>')], Buffer.from('PK\x03\x04 a zip behind it <html>'))],
      ['image/png', Buffer.concat([png([['tEXt', 'Comment\0<script>'], ['eXIf', 'GPS Olga']]), Buffer.from('<html>')])],
      ['image/webp', webp('GPS Olga <script>')],
    ];
    for (const [type, bytes] of photos) {
      const clean = cleanImage(bytes, type);
      assert.doesNotMatch(text(clean.bytes), /GPS|Olga|script|html|a zip/, type);
      assert.ok(clean.bytes.length < bytes.length);
      assert.equal(imageTypeOf(clean.bytes), type);
      // What was cleaned stays as it is.
      assert.deepEqual(Buffer.from(cleanImage(clean.bytes, type).bytes), Buffer.from(clean.bytes));
    }
  });

  it('keep which way up they are', () => {
    const turned = cleanImage(jpeg([exif(6)]), 'image/jpeg');
    assert.match(text(turned.bytes), /Exif/);
    assert.doesNotMatch(text(turned.bytes), /GPS/);
    assert.equal(turned.bytes[turned.bytes.indexOf(0x12) + 8], 6);
    assert.doesNotMatch(text(cleanImage(jpeg([exif(1)]), 'image/jpeg').bytes), /Exif/);
    assert.doesNotMatch(text(cleanImage(jpeg([exif(9)]), 'image/jpeg').bytes), /Exif/);
  });

  it('are as they were where there is nothing to leave out', () => {
    for (const [type, bytes] of [['image/jpeg', jpeg()], ['image/png', png()], ['image/webp', webp()]] as const) {
      assert.deepEqual(Buffer.from(cleanImage(bytes, type).bytes), bytes, type);
    }
    assert.deepEqual({ ...cleanImage(png([], 3), 'image/png'), bytes: undefined }, { bytes: undefined, width: 3, height: 3 });
    assert.equal(cleanImage(jpeg(), 'image/jpeg').width, 8);
    assert.equal(cleanImage(webp(), 'image/webp').width, 1);
  });

  it('are of the type that they claim to be', () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    for (const type of ['image/jpeg', 'image/png', 'image/webp'] as const) {
      for (const bytes of [svg, Buffer.from('GIF89a'), Buffer.alloc(0), Buffer.from([0xff, 0xd8]), ...[jpeg(), png(), webp()].filter((each) => imageTypeOf(each) !== type)]) {
        assert.throws(() => cleanImage(bytes, type), ImageError);
      }
    }
  });

  it('are not larger than a browser can show', () => {
    assert.throws(() => cleanImage(png([], 2, 60_000), 'image/png'), /pixels; make it smaller/);
  });

  it('end in a sentence, never in another error, whatever is broken in them', () => {
    fc.assert(fc.property(fc.constantFrom(['image/jpeg', jpeg([exif(6)])] as const, ['image/png', png([['tEXt', 'x']])] as const, ['image/webp', webp('x')] as const), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }), fc.nat(200), ([type, whole], changes, cut) => {
      const bytes = Buffer.from(whole.subarray(0, whole.length - (cut > 100 ? cut - 100 : 0)));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      try {
        const { bytes: clean } = cleanImage(bytes, type);
        assert.deepEqual(Buffer.from(cleanImage(clean, type).bytes), Buffer.from(clean));
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
      }
    }), { numRuns: 3_000 });
  });
});
