/** The document cannot become a service; `message` is one sentence that says what to do. */
export class WsdlError extends Error {
  override readonly name = 'WsdlError';
}
