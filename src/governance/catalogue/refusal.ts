/** Why something of a catalogue was not taken; docs/catalogue.md explains each. */
export type CatalogueRefusalCode =
  /** No signature at all. */
  | 'unsigned'
  /** Signatures by keys that are not trusted for it, or none that fits the content. */
  | 'forged'
  /** A key that was trusted once. */
  | 'revoked-key'
  /** Fewer valid signatures than asked for. */
  | 'threshold'
  /** Enough signatures, but not one of each function. */
  | 'function'
  /** Older than what was seen before. */
  | 'rollback'
  /** The newest there is has run out: nothing newer is let through, or made. */
  | 'frozen'
  /** Another part has run out. */
  | 'expired'
  /** Parts that do not belong together, or a file that is not the one that was signed. */
  | 'mismatch'
  | 'missing'
  | 'too-large'
  /** No metadata, no template, nested too deep. */
  | 'malformed'
  /** A name that is none of a catalogue's, or not its family's. */
  | 'name'
  /** No root, or another one than this site trusts. */
  | 'root'
  /** The kept copy was changed. */
  | 'cache';

/** Refusal with a sentence for people. */
export class CatalogueRefusal extends Error {
  override readonly name = 'CatalogueRefusal';
  readonly code: CatalogueRefusalCode;

  constructor(code: CatalogueRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
