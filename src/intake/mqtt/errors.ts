export type MqttIntakeErrorCode =
  /** The optional peer `aedes` is not installed. */
  | 'aedes-missing'
  /** No free port was found. */
  | 'port-taken'
  /** The address cannot be listened on. */
  | 'listen'
  /** Off loopback without accounts and TLS. */
  | 'plaintext'
  /** The broker's address is not an MQTT URL. */
  | 'url'
  /** No broker takes such a name of a group that shares messages. */
  | 'shared-group'
  /** The node that took the message was closed before it was recorded; it goes to its successor. */
  | 'detached'
  /** No node takes scans from this topic. */
  | 'unrouted'
  /** The source is closed; the message stays with its sender. */
  | 'closed';

/** Error of the MQTT intake; the message is one sentence that says what to do. */
export class MqttIntakeError extends Error {
  override readonly name = 'MqttIntakeError';
  readonly code: MqttIntakeErrorCode;
  constructor(code: MqttIntakeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
