import { ImageError } from './bytes.ts';
import type { CleanImage } from './bytes.ts';
import { cleanJpeg } from './jpeg.ts';
import { cleanPng } from './png.ts';
import { cleanWebp } from './webp.ts';

/** Types of photos that are taken. */
export const imageTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type ImageType = (typeof imageTypes)[number];

/** Largest picture in pixels: what a phone makes, and no picture that fills a browser's memory. */
const maxPixels = 100_000_000;

const cleaners: Readonly<Record<ImageType, (bytes: Uint8Array) => CleanImage>> = { 'image/jpeg': cleanJpeg, 'image/png': cleanPng, 'image/webp': cleanWebp };

export function isImageType(type: string): type is ImageType {
  return (imageTypes as readonly string[]).includes(type);
}

/**
 * Reads a photo part by part and writes it anew with what is needed to show it: places, cameras, comments, previews, and
 * whatever hangs on behind its end are left out. It is not decoded.
 * @throws ImageError when the bytes are not a picture of this type from beginning to end
 */
export function cleanImage(bytes: Uint8Array, type: ImageType): CleanImage {
  const image = cleaners[type](bytes);
  if (image.width < 1 || image.height < 1) throw new ImageError('The photo has no size; take it again.');
  if (image.width * image.height > maxPixels) throw new ImageError(`The photo has ${image.width} × ${image.height} pixels; make it smaller.`);
  return image;
}

/** What the bytes are by their beginning; undefined when they are none of the types that are taken. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\xff\xd8')) return 'image/jpeg';
  if (head.startsWith('\x89PNG')) return 'image/png';
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}
