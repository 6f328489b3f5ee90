/** Bounds of what is read from a catalogue, in bytes and levels. */
export const LIMITS = {
  root: 256 * 1_024,
  timestamp: 16 * 1_024,
  snapshot: 256 * 1_024,
  /** A signed list: some thousand versions. */
  targets: 1_048_576,
  /** A packed template or service. */
  target: 4 * 1_048_576,
  depth: 100,
  families: 64,
  rootRotations: 256,
} as const;
