/** What is wrong with a setting that says how Waybill is reached. */
export type ReachErrorCode = 'public-url' | 'trusted-proxies';

/** A setting that cannot be used; the message is one sentence that says what to do. */
export class ReachError extends Error {
  override readonly name = 'ReachError';
  readonly code: ReachErrorCode;
  constructor(code: ReachErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
