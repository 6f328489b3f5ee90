import type { Texts } from '../../../src/editor/browser/texts.ts';
import type { ApprovalMatrix, MatrixProblem } from '../../../src/governance/gate/rules/approval-matrix.ts';

/** A mistake in the matrix, in one sentence that names its place. */
export function problemText(problem: MatrixProblem, matrix: ApprovalMatrix, text: Texts): string {
  const named = (place: number | undefined): string => (place === undefined ? '' : matrix.rows[place]?.id || String(place + 1));
  return text(`problem.${problem.code}`, {
    row: named(problem.row), other: named(problem.other), level: (problem.level ?? 0) + 1, condition: (problem.condition ?? 0) + 1, rate: (problem.rate ?? 0) + 1,
  });
}
