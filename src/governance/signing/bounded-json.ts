/** What may be read from somebody who is not trusted yet. */
export interface JsonBounds {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** Why bytes were not read as JSON. */
export class BoundedJsonError extends Error {
  override readonly name = 'BoundedJsonError';
  readonly code: 'too-large' | 'too-deep' | 'not-json';

  constructor(code: 'too-large' | 'too-deep' | 'not-json', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Deepest nesting of a JSON text (RFC 8259), without parsing it; brackets in strings do not count. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) deepest = Math.max(deepest, depth += 1);
    else if (CLOSING.has(byte)) depth -= 1;
  }
  return deepest;
}

/** Members that would reach a prototype are refused, not dropped: nobody writes them by mistake. */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new BoundedJsonError('not-json', 'it has a member "__proto__"');
  return value;
}

/**
 * Parses JSON of at most so many bytes and levels; size and depth are looked at before anything is parsed.
 * @throws BoundedJsonError
 */
export function parseBoundedJson(bytes: Uint8Array, { maxBytes, maxDepth }: JsonBounds): unknown {
  if (bytes.length > maxBytes) throw new BoundedJsonError('too-large', `it has ${bytes.length} bytes; ${maxBytes} are allowed`);
  const depth = depthOf(bytes);
  if (depth > maxDepth) throw new BoundedJsonError('too-deep', `it is nested ${depth} levels deep; ${maxDepth} are allowed`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), refusePrototypes);
  } catch (error) {
    if (error instanceof BoundedJsonError) throw error;
    throw new BoundedJsonError('not-json', `it is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
