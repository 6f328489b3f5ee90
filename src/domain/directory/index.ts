export type { Money } from './money.ts';
export { moneyProblem } from './money.ts';
export type { ConflictingDuties, Limit, Person } from './directory.ts';
export { conflictBetween, dutiesProblem, holdsRole, limitFor, worksAt } from './directory.ts';
