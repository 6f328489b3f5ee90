/** A tile of the log as a path names it (C2SP tlog-tiles). */
export interface TilePath {
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; 256 is a full tile. */
  readonly width: number;
}

const FULL_WIDTH = 256;
const MAX_LEVEL = 63;
const INDEX = /^((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/**
 * Reads `<L>` and `<N>[.p/<W>]` of `tile/<L>/<N>[.p/<W>]`; the index is written in groups of three
 * digits, all but the last with an `x` ("Merkle Tree"). Undefined when it is not the one canonical form.
 */
export function parseTilePath(level: string, rest: string): TilePath | undefined {
  const match = INDEX.exec(rest);
  if (match === null || !/^(entries|0|[1-9]\d?)$/.test(level)) return undefined;
  const [, groups, tail, partial] = match;
  const digits = `${groups!.replace(/[x/]/g, '')}${tail!}`;
  const index = Number(digits);
  const width = partial === undefined ? FULL_WIDTH : Number(partial);
  // A leading group of zeros would be a second path of the same tile.
  const canonical = Number.isSafeInteger(index) && !/^x000\//.test(groups!) && (partial === undefined || width < FULL_WIDTH);
  if (!canonical || (level !== 'entries' && Number(level) > MAX_LEVEL)) return undefined;
  return { level: level === 'entries' ? 'entries' : Number(level), index, width };
}
