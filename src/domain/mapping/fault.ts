import type { MappingProblemCode } from './problem.ts';

/** Why a value cannot be taken. */
export class Fault {
  readonly code: MappingProblemCode;
  readonly values: Readonly<Record<string, string>>;

  constructor(code: MappingProblemCode, values: Readonly<Record<string, string>> = {}) {
    this.code = code;
    this.values = values;
  }
}
