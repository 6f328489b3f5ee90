/** What kept scenarios from being played or made one fail. */
export type ScenarioErrorCode = 'wrong-scenario' | 'no-node-red' | 'runtime' | 'failed';

/** `details` says what is wrong, one line each. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code: ScenarioErrorCode;
  readonly details: readonly string[];

  constructor(code: ScenarioErrorCode, message: string, details: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
