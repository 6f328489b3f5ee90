import { addressKey, chooseRow, inBase, listed, moneyProblemText, valueAt } from '../../../domain/index.ts';
import type { ApprovalMatrix, BaseAmount, CaseCommand, CaseState, Json, JsonObject, MatrixRow } from '../../../domain/index.ts';
import type { Condition } from '../../../ledger/port.ts';
import { dateIn } from '../../sites.ts';
import type { StepContext } from '../../step-context.ts';
import { canonicalJson } from '../../support/hashing.ts';
import { levelOf } from './policy.ts';
import type { Level, Policy } from './policy.ts';

/** What the policy says about a case as it is now. */
export type Judgement =
  | { readonly kind: 'auto'; readonly rowId: string; readonly sums: Sums }
  | { readonly kind: 'levels'; readonly rowId: string | undefined; readonly levels: readonly Level[]; readonly parallel: boolean; readonly sums: Sums; readonly amount: BaseAmount | undefined; readonly why: JsonObject | undefined }
  /** Nobody can say who decides: a person mends it, and nothing is approved meanwhile. */
  | { readonly kind: 'problem'; readonly code: string; readonly message: string };

/** What is committed with the judgement, so that two cases at the same instant cannot both slip under a band. */
export interface Sums { readonly commands: readonly CaseCommand[]; readonly conditions: readonly Condition[]; readonly total: string | undefined }

const noSums: Sums = { commands: [], conditions: [], total: undefined };

function amountOf(step: StepContext, matrix: ApprovalMatrix, facts: JsonObject): BaseAmount | Judgement & { kind: 'problem' } | undefined {
  if (matrix.amount === '') return undefined;
  const currency = matrix.currency === '' ? undefined : valueAt(facts, matrix.currency) ?? null;
  const amount = inBase(valueAt(facts, matrix.amount), currency, matrix.base, matrix.rates, dateIn(step.timeZone(), new Date(step.now())));
  return typeof amount === 'string' ? { kind: 'problem', code: `approval-${amount}`, message: moneyProblemText[amount] } : amount;
}

/** The sum over all cases with the same requester, supplier and so on; undefined when one of these is not there. */
async function sumsOf(step: StepContext, state: CaseState, { cumulative }: ApprovalMatrix, amount: BaseAmount): Promise<Sums | undefined> {
  const paths = listed(cumulative.keys);
  if (paths.length === 0) return noSums;
  const values = paths.map((path): Json => valueAt(state.document ?? {}, path) ?? null);
  if (values.some((value) => value === null || value === '')) return undefined;
  // A step keeps its sum when a version of its template gives it another id.
  const also = cumulative.scope ? [] : step.otherAddresses().map((address) => `amount:${address}`);
  const { commands, conditions, total } = await step.accumulation(state, { scope: `amount:${cumulative.scope || addressKey(step.address)}`, also, key: canonicalJson(values), amount: amount.amount, currency: amount.currency, days: cumulative.days });
  return { commands, conditions, total };
}

function whyOf(row: MatrixRow, because: readonly string[], amount: BaseAmount | undefined, total: string | undefined): JsonObject {
  return {
    row: row.id, because, levels: row.levels.map(levelOf).map(({ role, quorum, quorumOf }) => ({ role, quorum, quorumOf })),
    ...(amount === undefined ? {} : { amount: amount.amount, currency: amount.currency, original: { ...amount.original }, rate: amount.rate }),
    ...(total === undefined ? {} : { total }),
  };
}

/** Which row of the policy is this case's, by its facts as they are in `state`. */
export async function judge(step: StepContext, policy: Policy, state: CaseState): Promise<Judgement> {
  const { matrix, simple } = policy;
  if (matrix === undefined) return { kind: 'levels', rowId: undefined, levels: [simple], parallel: false, sums: noSums, amount: undefined, why: undefined };
  const facts = state.document ?? {};
  const amount = amountOf(step, matrix, facts);
  if (amount !== undefined && 'kind' in amount) return amount;
  const sums = amount === undefined ? noSums : await sumsOf(step, state, matrix, amount);
  if (sums === undefined) return { kind: 'problem', code: 'approval-sum-key-missing', message: `Amounts are summed up by ${matrix.cumulative.keys}, and the case lacks one of these facts. Correct the facts and go on, or cancel the case.` };
  const choice = chooseRow(matrix, facts, sums.total ?? amount?.amount);
  if (choice.kind === 'none') return { kind: 'problem', code: 'approval-no-row', message: 'No row of the approval matrix fits this case, so nobody is asked. Add a row for such cases to the node and deploy, then retry; or correct the facts.' };
  if (choice.kind === 'several') return { kind: 'problem', code: 'approval-several-rows', message: `Several rows of the approval matrix fit this case: ${choice.rows.join(', ')}. Change their bands or conditions and deploy, then retry; or correct the facts.` };
  const { row } = choice;
  if (row.auto) return { kind: 'auto', rowId: row.id, sums };
  return { kind: 'levels', rowId: row.id, levels: row.levels.map(levelOf), parallel: matrix.order === 'parallel', sums, amount, why: whyOf(row, choice.because, amount, sums.total) };
}
