export type ServiceErrorCode =
  /** A folder or a file of it is missing, unreadable or no JSON. */
  | 'unreadable'
  /** `service.json` is not as resources/service.schema.json says, or contradicts itself. */
  | 'wrong-definition'
  /** A packed service is too large, too deep, or not what `packService` writes. */
  | 'wrong-package';

/** What is wrong with a service; `details` has one sentence a problem. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly details: readonly string[];

  constructor(code: ServiceErrorCode, message: string, details: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
