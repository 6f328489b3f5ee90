/** A photo without anything but its picture. */
export interface CleanImage { readonly bytes: Uint8Array; readonly width: number; readonly height: number }

/** Bytes that are no picture of the type that they claim to be; the message says so in one sentence. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code = 'image-invalid';
}

/** Big-endian number of `length` bytes. @throws ImageError beyond the end */
export function numberAt(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw new ImageError('The photo ends too early; take or send it again.');
  let value = 0;
  for (let i = 0; i < length; i += 1) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Text of four letters, as PNG and WebP name their parts. */
export function nameAt(bytes: Uint8Array, at: number): string {
  numberAt(bytes, at, 4);
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
