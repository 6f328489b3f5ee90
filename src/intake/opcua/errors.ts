export type OpcUaIntakeErrorCode =
  /** The client library is not installed as it should be. */
  | 'library'
  /** The address is no OPC UA address. */
  | 'url'
  /** The configuration cannot be used as it is. */
  | 'config'
  /** The server offers nothing that fits the wanted security. */
  | 'no-endpoint'
  /** There is no session with the server now. */
  | 'no-session'
  /** The server answered with a bad status. */
  | 'status'
  /** The connection was closed by us. */
  | 'closed';

/** Error of the OPC UA intake; the message is one sentence that says what to do. */
export class OpcUaIntakeError extends Error {
  override readonly name = 'OpcUaIntakeError';
  readonly code: OpcUaIntakeErrorCode;
  constructor(code: OpcUaIntakeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
