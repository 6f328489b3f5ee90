/** Longest side of a photo that is sent, pixels; what a label needs to be read, and a phone's line can carry. */
export const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
const PREVIEW_SIDE = 240;

/** A photo made small, with a picture of it for the page. */
export interface SmallPhoto { readonly blob: Blob; readonly preview: string; readonly width: number; readonly height: number }

/** The browser cannot read the file as a picture, or has no room for it. */
export class PhotoError extends Error {
  override readonly name = 'PhotoError';
}

/** Sides scaled so that neither is longer than `longest`; small pictures stay as they are. */
export function scaled(width: number, height: number, longest: number): { readonly width: number; readonly height: number } {
  const factor = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

function drawn(picture: ImageBitmap, longest: number): HTMLCanvasElement {
  const { width, height } = scaled(picture.width, picture.height, longest);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new PhotoError('no canvas');
  // JPEG knows no transparency: what shows through is white.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

/**
 * Makes a photo of a phone small enough to send: the right way up, as JPEG, without where and with what it was taken.
 * @throws PhotoError
 */
export async function smallPhoto(file: Blob): Promise<SmallPhoto> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (error) {
    throw new PhotoError((error as Error).message, { cause: error });
  }
  try {
    const canvas = drawn(picture, LONGEST_SIDE);
    const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
    if (blob === null) throw new PhotoError('no room');
    return { blob, preview: drawn(picture, PREVIEW_SIDE).toDataURL('image/jpeg', QUALITY), width: canvas.width, height: canvas.height };
  } finally {
    picture.close();
  }
}
