import type Big from 'big.js';
import { decimalOf } from '../../../domain/approval/money.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { textsWithValues } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';
import type { Breach, Rule } from './rule.ts';
import { Called } from './words.ts';

/** What central policy asks for from an amount on. */
interface Minimum {
  readonly from: Big;
  readonly levels: number;
  readonly quorum: number;
  /** Roles of which each has to be among the levels. */
  readonly roles: readonly string[];
}

/** Pairs of edges of one row that are looked at. */
const MAX_BANDS = 100;

interface Level { readonly role: string; /** How many have to agree at least; undefined when a parameter decides. */ readonly quorum: number | undefined }
/** A band of amounts, and who decides in it. */
interface Band { readonly name: string; readonly from: Big | undefined; readonly to: Big | undefined; readonly auto: boolean; readonly levels: readonly Level[]; readonly unread: boolean }

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {});
const wholeOf = (value: unknown, fallback: number): number => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fallback);

function minimaOf(said: Json | undefined): readonly Minimum[] {
  return listOf(said).map(objectOf).flatMap(({ from, levels, quorum, roles }) => {
    const amount = decimalOf(from ?? '0');
    return amount === undefined ? [] : [{ from: amount, levels: wholeOf(levels, 1), quorum: wholeOf(quorum, 1), roles: listOf(roles).map(String) }];
  });
}

function quorumOf(value: unknown): number | undefined {
  if (value === 'any') return 1;
  // All who hold the role: at least one, and nobody can do with fewer.
  if (value === 'all') return Number.POSITIVE_INFINITY;
  const number = Number(value);
  return Number.isFinite(number) && value !== '' ? number : undefined;
}

/** What a setting can be when the flow runs; the text itself where a parameter in it is not known. */
const said = (flows: Flows, node: FlowNode, value: unknown): readonly unknown[] => (typeof value === 'string' ? textsWithValues(flows, node, value) ?? [value] : [value]);

const blank = (value: unknown): boolean => value === undefined || value === null || value === '';

/** How many decide, at the least of what a parameter allows; undefined when nobody knows. */
function leastQuorum(flows: Flows, node: FlowNode, value: unknown): number | undefined {
  const all = said(flows, node, value).map(quorumOf);
  return all.some((each) => each === undefined) ? undefined : Math.min(...all as number[]);
}

/** A row, once for each pair of edges that its parameters can make. */
function bandsOfRow(flows: Flows, node: FlowNode, row: Readonly<Record<string, unknown>>, at: number): readonly Band[] {
  const levels = listOf(row['levels']).map(objectOf).map(({ role, quorum }) => ({ role: String(said(flows, node, role)[0] ?? ''), quorum: leastQuorum(flows, node, quorum) }));
  return said(flows, node, row['from']).flatMap((low) => said(flows, node, row['to']).map((high) => {
    const [from, to] = [decimalOf(low), decimalOf(high)];
    return { name: `row "${String(row['id'] ?? at + 1)}"`, from, to, auto: row['auto'] === true, levels, unread: (!blank(low) && from === undefined) || (!blank(high) && to === undefined) };
  })).slice(0, MAX_BANDS);
}

function bandsOf(flows: Flows, node: FlowNode): readonly Band[] {
  const rows = listOf(objectOf(node['matrix'])['rows']).map(objectOf);
  if (rows.length > 0) return rows.flatMap((row, at) => bandsOfRow(flows, node, row, at));
  const quorum = node['quorumOf'] === 'all' ? Number.POSITIVE_INFINITY : leastQuorum(flows, node, node['quorum'] ?? 1);
  return [{ name: 'it', from: undefined, to: undefined, auto: false, levels: [{ role: String(said(flows, node, node['role'])[0] ?? ''), quorum }], unread: false }];
}

/** Whether amounts from here on can fall into the band. */
const reaches = ({ to }: Band, from: Big): boolean => to === undefined || to.gt(from);

function problemOf(band: Band, { from, levels, quorum, roles }: Minimum): string | undefined {
  const above = from.gt(0) ? ` from ${from.toFixed()} on` : '';
  if (band.auto) return `${band.name} approves without asking anybody${above}`;
  if (band.levels.length < levels) return `${band.name} asks ${band.levels.length} of ${levels} levels${above}`;
  const strange = band.levels.find((level) => level.quorum === undefined);
  if (strange !== undefined) return `how many decide${band.name === 'it' ? '' : ` in ${band.name}`} depends on a parameter`;
  const thin = band.levels.find((level) => level.quorum! < quorum);
  if (thin !== undefined) return `${band.name === 'it' ? '' : `in ${band.name} `}${thin.quorum} of the role "${thin.role}" ${thin.quorum === 1 ? 'decides' : 'decide'} where ${quorum} ${quorum === 1 ? 'has' : 'have'} to${above}`;
  const missing = roles.find((role) => !band.levels.some((level) => level.role === role));
  return missing === undefined ? undefined : `${band.name} does not ask "${missing}"${above}`;
}

/** Paths of facts that are amounts: an approval that covers one of them decides about money. */
function isAboutMoney(node: FlowNode, options: JsonObject): boolean {
  const amounts = listOf(options['amountPaths']).map(String);
  const covered = [String(objectOf(node['matrix'])['amount'] ?? ''), ...String(node['covers'] ?? '').split(',')].map((path) => path.trim()).filter((path) => path !== '');
  return listOf(objectOf(node['matrix'])['rows']).length > 0 || covered.some((path) => amounts.some((amount) => path === amount || path.endsWith(`.${amount}`)));
}

/** Longer expressions look at something. */
const SHORT = 60;

const isAlways = (expression: string): boolean => expression.length <= SHORT && /^\(?\s*(?:true|\$boolean\(\s*1\s*\)|1\s*=\s*1|\$not\(\s*false\s*\))\s*\)?$/.test(expression);

function* of(flows: Flows, node: FlowNode, minima: readonly Minimum[], options: JsonObject): Generator<Breach> {
  const auto = String(node['autoApprove'] ?? '');
  if (said(flows, node, auto).some((each) => isAlways(String(each).trim()))) {
    yield { node, property: 'autoApprove', message: `${Called(node)} approves everything by itself, without asking anybody.`, mend: 'Say in the expression which cases nobody has to decide, or leave it blank.' };
  }
  const autoBelow = decimalOf(options['autoBelow']);
  // Without a minimum there is nothing to compare with.
  if (minima.length === 0 && autoBelow === undefined) return;
  const money = isAboutMoney(node, options);
  const told = new Set<string>();
  for (const band of bandsOf(flows, node)) {
    const breach = told.has(band.name) ? undefined : ofBand(node, band, minima, money, autoBelow);
    if (breach === undefined) continue;
    told.add(band.name);
    yield breach;
  }
}

function ofBand(node: FlowNode, band: Band, minima: readonly Minimum[], money: boolean, autoBelow: Big | undefined): Breach | undefined {
  const at = { node, property: band.name === 'it' ? 'role' : 'matrix' } as const;
  if (band.unread) {
    return { ...at, about: `${band.name} unread`, message: `${Called(node)}: the amounts of ${band.name} are no amounts, or depend on a parameter that nobody knows, so they cannot be compared with central policy.`, mend: 'Write amounts into the row, or parameters that have a value.' };
  }
  if (band.auto && autoBelow !== undefined && (band.to === undefined || band.to.gt(autoBelow))) {
    return { ...at, about: `${band.name} auto`, message: `${Called(node)}: ${band.name} approves without asking anybody; central policy allows that below ${autoBelow.toFixed()}.`, mend: 'End the row there, or name who decides.' };
  }
  // The strictest first: one finding a band says enough.
  const asked = [...minima].reverse().filter(({ from }) => (money ? reaches(band, from) : from.eq(0)) && !(band.auto && autoBelow !== undefined && from.eq(0)));
  const problem = asked.map((minimum) => problemOf(band, minimum)).find((each) => each !== undefined);
  return problem === undefined ? undefined
    : { ...at, about: `${band.name} minimum`, message: `${Called(node)} is weaker than central policy: ${problem}.`, mend: 'Ask at least those whom central policy names, or ask for a waiver.' };
}

export const approvalNotWeaker: Rule = {
  code: 'approval-not-weaker',
  title: 'An approval asks at least whom central policy asks',
  level: 'error',
  options: { minimum: [], autoBelow: null, amountPaths: ['amount', 'total', 'value', 'price'] },
  *check(flows, _context, options) {
    const minima = [...minimaOf(options['minimum'])].sort((a, b) => a.from.cmp(b.from));
    for (const node of flows.ofType('waybill-approval')) yield* of(flows, node, minima, options);
  },
};
