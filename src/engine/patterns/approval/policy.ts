import { EMPTY_MATRIX, matrixProblems, matrixProblemText } from '../../../domain/index.ts';
import type { ApprovalMatrix, Json, MatrixLevel } from '../../../domain/index.ts';
import { hashJson } from '../../support/hashing.ts';
import type { Duration } from '../due.ts';
import { ConfigError, list, positive } from '../typed.ts';

type Unit = Duration['unit'];

/** Config of an `approval` node, version 2. Members that version 1 did not have may be absent. */
export interface ApprovalConfig {
  readonly question: string; readonly questionType: string; readonly role: string; readonly quorum: number | string; readonly covers: string;
  readonly autoApprove: string; readonly ruleId: string; readonly deadline: number | string; readonly deadlineUnit: Unit;
  readonly onExpiry: 'reject' | 'expire'; readonly unknownOperatorRole: string; readonly milestone: string;
  readonly quorumOf?: 'count' | 'any' | 'all'; readonly working?: boolean; readonly hold?: number | string;
  /** Ids of config nodes. */
  readonly directory?: string; readonly calendar?: string;
  readonly requesters?: string; readonly remind?: number | string; readonly remindUnit?: Unit;
  readonly bulk?: boolean; readonly maxRounds?: number | string;
  readonly matrix?: Partial<ApprovalMatrix> | readonly Json[];
}

/** One level as it is asked. */
export interface Level {
  readonly role: string; readonly quorum: number; readonly quorumOf: 'count' | 'all'; readonly deadline: Duration; readonly onExpiry: 'reject' | 'expire'; readonly hold: number;
}

/** What a node's config means, read once when it is deployed. */
export interface Policy {
  /** Hash over all of it; pinned by every task. */
  readonly version: string;
  readonly covers: readonly string[];
  readonly milestone: string;
  readonly unknownOperatorRole: string;
  readonly requesters: readonly string[];
  readonly directory: string; readonly calendar: string;
  readonly remind: Duration;
  readonly bulk: boolean;
  /** Undefined: no end. */
  readonly maxRounds: number | undefined;
  /** Undefined: the one level of the simple form. */
  readonly matrix: ApprovalMatrix | undefined;
  readonly simple: Level;
}

export function levelOf({ role, quorum, deadline, deadlineUnit, working, onExpiry, hold }: MatrixLevel): Level {
  return { role, quorum: typeof quorum === 'number' ? quorum : 1, quorumOf: quorum === 'all' ? 'all' : 'count', deadline: { value: deadline, unit: deadlineUnit, working }, onExpiry, hold };
}

/** A hand-made flow may have anything in it. @throws ConfigError */
function matrixOf(given: ApprovalConfig['matrix'], hasCalendar: boolean): ApprovalMatrix | undefined {
  if (given === undefined || (Array.isArray(given) && given.length === 0)) return undefined;
  if (Array.isArray(given)) throw new ConfigError('This approval has a matrix that cannot be read; open the node, set it up again, and deploy.');
  const partial = given as Partial<ApprovalMatrix>;
  const matrix: ApprovalMatrix = {
    ...EMPTY_MATRIX, ...partial, cumulative: { ...EMPTY_MATRIX.cumulative, ...partial.cumulative, days: Number(partial.cumulative?.days ?? EMPTY_MATRIX.cumulative.days) },
    rates: (partial.rates ?? []).map((each) => ({ currency: String(each.currency ?? '').trim().toUpperCase(), rate: String(each.rate ?? '').trim(), from: String(each.from ?? '').trim() })),
    rows: (partial.rows ?? []).map((row) => ({
      id: String(row.id ?? '').trim(), from: String(row.from ?? '').trim(), to: String(row.to ?? '').trim(), auto: row.auto === true,
      conditions: (row.conditions ?? []).map((each) => ({ path: String(each.path ?? '').trim(), operator: each.operator, value: String(each.value ?? '') })),
      levels: (row.auto === true && row.levels === undefined ? [] : row.levels ?? []).map(wholeLevel),
    })),
  };
  if (matrix.rows.length === 0) return undefined;
  const problems = matrixProblems(matrix, { hasCalendar });
  if (problems.length > 0) throw new ConfigError(`${problems.slice(0, 3).map((each) => matrixProblemText(each, matrix)).join(' ')}${problems.length > 3 ? ` And ${problems.length - 3} more.` : ''}`);
  return matrix;
}

function wholeLevel(level: Partial<MatrixLevel>): MatrixLevel {
  const quorum = level.quorum === 'any' || level.quorum === 'all' ? level.quorum : Number(level.quorum ?? 1);
  return {
    role: String(level.role ?? '').trim(), quorum, deadline: Number(level.deadline ?? 0), deadlineUnit: level.deadlineUnit ?? 'hours', working: level.working === true,
    onExpiry: level.onExpiry === 'expire' ? 'expire' : 'reject', hold: Number(level.hold ?? 0),
  };
}

/** Reads a config. @throws ConfigError that says what to mend */
export function policyOf(config: ApprovalConfig): Policy {
  const calendar = config.calendar ?? '';
  const matrix = matrixOf(config.matrix, calendar !== '');
  if (matrix === undefined && !config.role) throw new ConfigError('This approval has no role; say who decides, and deploy.');
  if (matrix === undefined && config.working === true && Number(config.deadline) > 0 && calendar === '') throw new ConfigError('The deadline is counted in working time and no calendar is chosen; choose one, or count all time, and deploy.');
  if (Number(config.deadline) < 0) throw new ConfigError('The deadline is in the past; give 0 for none, or a time, and deploy.');
  const covers = list(config.covers);
  const own = {
    role: config.role, quorum: positive(config.quorum, 1), covers, autoApprove: config.autoApprove ?? '', ruleId: config.ruleId ?? '', deadline: String(config.deadline ?? ''), deadlineUnit: config.deadlineUnit ?? '', onExpiry: config.onExpiry ?? '',
  };
  const more = {
    quorumOf: config.quorumOf ?? 'count', working: config.working === true, hold: positive(config.hold, 0), directory: config.directory ?? '', calendar, requesters: config.requesters ?? '',
    remind: positive(config.remind, 0), bulk: config.bulk === true, maxRounds: positive(config.maxRounds, 0), matrix: (matrix ?? null) as unknown as Json,
  };
  const plain = hashJson({ quorumOf: 'count', working: false, hold: 0, directory: '', calendar: '', requesters: '', remind: 0, bulk: false, maxRounds: 0, matrix: null }) === hashJson(more);
  const whole = config.quorumOf === 'all';
  return {
    // A policy without anything that is new has the version that it had before.
    version: hashJson(plain ? own : { ...own, ...more }).slice(0, 12),
    covers, milestone: config.milestone || 'approved', unknownOperatorRole: config.unknownOperatorRole || 'site-manager', requesters: list(config.requesters),
    directory: config.directory ?? '', calendar, remind: { value: positive(config.remind, 0), unit: config.remindUnit ?? 'hours', working: more.working },
    bulk: config.bulk === true, maxRounds: more.maxRounds > 0 ? Math.round(more.maxRounds) : undefined, matrix,
    simple: {
      role: config.role ?? '', quorum: whole || config.quorumOf === 'any' ? 1 : Math.round(positive(config.quorum, 1)), quorumOf: whole ? 'all' : 'count',
      deadline: { value: positive(config.deadline, 0), unit: config.deadlineUnit ?? 'hours', working: more.working }, onExpiry: config.onExpiry === 'expire' ? 'expire' : 'reject', hold: Math.round(more.hold),
    },
  };
}
