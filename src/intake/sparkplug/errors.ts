export type SparkplugPayloadErrorCode =
  /** The bytes are no Sparkplug B payload. */
  | 'malformed'
  /** A name or a value is longer than what is taken. */
  | 'too-long'
  /** More metrics, cells or levels than what is taken. */
  | 'too-many';

/** A payload that cannot be read; the message completes the sentence "The payload holds …". */
export class SparkplugPayloadError extends Error {
  override readonly name = 'SparkplugPayloadError';
  readonly code: SparkplugPayloadErrorCode;
  constructor(code: SparkplugPayloadErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
