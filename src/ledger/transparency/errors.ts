/**
 * Every way in which the transparency log refuses something, with what it means.
 * The documentation test walks this table; user wording does not live here.
 */
export const TRANSPARENCY_ERROR_CODES = {
  'argument-out-of-range': 'a size, an index or a level is no safe integer or lies outside the tree',
  'hash-malformed': 'a hash is not exactly 32 bytes',
  'leaf-too-long': 'a leaf is longer than the 65,535 bytes an entry bundle can hold',
  'proof-malformed': 'a proof has more or fewer hashes than the tree sizes ask for',
  'proof-mismatch': 'a proof is well formed but leads to another root',
  'frontier-malformed': 'a serialised right edge does not fit its own size',
  'tile-path-malformed': 'a path is no canonical tlog-tiles path',
  'tile-malformed': 'a tile or its bytes do not fit its coordinate',
  'bundle-malformed': 'an entry bundle ends in the middle of an entry or holds another number of entries',
  'key-malformed': 'a verifier or signer key is not in the encoding of signed-note',
  'key-id-mismatch': 'the id inside an encoded key is not the id of that key',
  'key-algorithm-unknown': 'an encoded key is of a signature type that is not supported here',
  'key-ambiguous': 'two different trusted keys have the same name and id',
  'key-name-invalid': 'a key name is empty, or holds a space, a plus sign or broken text',
  'note-malformed': 'a signed note breaks the format of signed-note',
  'signature-invalid': 'a signature of a trusted key does not fit the text',
  'signature-missing': 'no trusted key has signed the text',
  'checkpoint-malformed': 'a note text breaks the format of tlog-checkpoint',
  'origin-mismatch': 'a checkpoint is of another log than the one asked for',
  'proof-bundle-malformed': 'a proof bundle lacks a field, or a field has the wrong type or encoding',
} as const;

export type TransparencyErrorCode = keyof typeof TRANSPARENCY_ERROR_CODES;

/**
 * The one error class of the transparency log. Verification throws it, so that a
 * result that nobody looks at can never pass for a success.
 */
export class TransparencyError extends Error {
  readonly code: TransparencyErrorCode;

  constructor(code: TransparencyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransparencyError';
    this.code = code;
  }
}
