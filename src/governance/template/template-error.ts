export type TemplateErrorCode =
  /** A folder or a file of it is missing, unreadable or no JSON. */
  | 'unreadable'
  /** `template.json` is not as resources/template.schema.json says. */
  | 'wrong-manifest'
  /** `flow.json` is no export that fits the manifest. */
  | 'wrong-flow'
  /** A packed template is too large, too deep, or not what `packTemplate` writes. */
  | 'wrong-package'
  /** Nodes are so alike, and so wired, that no order can be found within reason. */
  | 'too-alike'
  /** A parameter's value is none that the template takes. */
  | 'wrong-value';

/** What is wrong with a template; `details` has one sentence a problem. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code: TemplateErrorCode;
  readonly details: readonly string[];

  constructor(code: TemplateErrorCode, message: string, details: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
