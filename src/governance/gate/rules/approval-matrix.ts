/** The judgement of an approval matrix, the same in the editor, at the deploy and in the engine. */
export { EMPTY_MATRIX } from '../../../domain/approval/matrix.ts';
export type { ApprovalMatrix, DeadlineUnit, MatrixCondition, MatrixLevel, MatrixOperator, MatrixQuorum, MatrixRow } from '../../../domain/approval/matrix.ts';
export type { ExchangeRate } from '../../../domain/approval/money.ts';
export { matrixProblems } from '../../../domain/approval/problems.ts';
export type { MatrixProblem, MatrixProblemCode } from '../../../domain/approval/problems.ts';
