/** What was found in a template before it is published. */
export interface LintFinding {
  /** kebab-case, stable. docs/templates.md has all of them. */
  readonly code: string;
  /** `error`: it must not be published like this. */
  readonly level: 'error' | 'warn';
  /** File of the template's folder. */
  readonly file: string;
  /** Node, parameter or line, where there is one. */
  readonly where?: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly mend: string;
}

/** All that is looked at. */
export const LINT_CODES = [
  'wrong-folder', 'wrong-flow', 'family-unknown', 'few-scenarios', 'no-readme', 'no-picture', 'picture-missing', 'picture-old', 'version-not-newest', 'version-without-changes', 'migration-unknown-step', 'migration-step-still-there', 'migration-two-sources', 'migration-two-targets', 'migration-range', 'migration-missing',
  'unused-parameter', 'undeclared-parameter', 'parameter-not-whole', 'parameter-misspelt', 'secret', 'site-address', 'site-config', 'opens-as-another', 'step-id-missing', 'step-id-twice', 'dangling', 'disabled',
  'requirement-missing', 'requirement-range', 'contract-missing', 'contract-unused',
] as const;
