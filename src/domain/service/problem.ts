/** What is wrong with a service definition: where, and one sentence that says what to do. */
export interface ServiceProblem {
  /** JSON Pointer into the definition. */
  readonly at: string;
  readonly message: string;
}
