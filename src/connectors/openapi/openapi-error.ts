/** The document cannot become a service; `message` is one sentence that says what to do, `at` the JSON Pointer of the place. */
export class OpenApiError extends Error {
  override readonly name = 'OpenApiError';
  readonly at: string;

  constructor(message: string, at = '') {
    super(at === '' ? message : `${at}: ${message}`);
    this.at = at;
  }
}
