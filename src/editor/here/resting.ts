import type { PlacedStep, Waybill } from '../../engine/api.ts';

/** What rests at one governed node of the running flows: cases it works on, and cases on the wires that leave it. */
export interface NodeRest extends PlacedStep {
  readonly steps: number;
  readonly tokens: number;
}

/** Cases rest at an address that no node of the running flows has. */
export interface LeftBehind {
  readonly address: string;
  readonly steps: number;
  readonly tokens: number;
}

/** What the sidebar shows of this instance; counts are undefined while the ledger cannot be read. */
export interface SiteReport {
  readonly site: string;
  readonly enterprise: string;
  readonly legalEntity: string;
  readonly state: string;
  readonly reason?: string;
  /** Address of the inbox and console as the browser reaches it, with a slash at the end. */
  readonly console: string | undefined;
  readonly counts?: { readonly casesOpen: number; readonly tasksOpen: number; readonly exceptionsOpen: number; readonly deadLettersOpen: number; readonly quarantineHeld: number };
  readonly nodes: readonly NodeRest[];
  readonly leftBehind: readonly LeftBehind[];
}

/** One case that rests at a node (`step`) or on a wire that leaves it (`token`). */
export interface RestingCase {
  readonly kind: 'step' | 'token';
  readonly caseId: string;
  readonly title: string;
  readonly address: string;
  readonly since: string;
  /** Why it rests: somebody decides, a retry is due, an exception or a dead letter holds it, it is being worked on, or it is on its way. */
  readonly waits: 'decision' | 'retry' | 'event' | 'branches' | 'held' | 'working' | 'on-the-way';
}

export interface RestingCases {
  readonly items: readonly RestingCase[];
  /** How many rest there in all; the list is cut at {@link MOST_CASES}. */
  readonly steps: number;
  readonly tokens: number;
  /** ISO time since when the oldest rests; undefined when none does. */
  readonly oldest: string | undefined;
}

/** Cases that one answer lists at most. */
export const MOST_CASES = 50;

/** Governed nodes that one question may be about; further ones are left out. */
export const MOST_NODES = 100;

const WAITS = { task: 'decision', timer: 'retry', event: 'event', held: 'held', branches: 'branches' } as const;

/** Where the cases of a node rest: at its own address, and at those of steps that it took over. */
const addressesOf = ({ address, formerly = [] }: PlacedStep): readonly string[] => [address, ...formerly];

/** State of the instance and where its open cases rest. Never rejects for an engine that refuses: says so instead. */
export async function siteReport(waybill: Waybill, console: string | undefined): Promise<SiteReport> {
  const { settings: { site, enterprise, legalEntity }, state, reason, ledger } = waybill;
  const placed = waybill.nodes.placed();
  const identity = { site, enterprise, legalEntity, state, console, ...(reason === undefined ? {} : { reason }) };
  if (ledger === undefined) return { ...identity, nodes: placed.map((step) => ({ ...step, steps: 0, tokens: 0 })), leftBehind: [] };
  const [rows, { casesOpen, tasksOpen, exceptionsOpen, deadLettersOpen, quarantineHeld }] = await Promise.all([ledger.addressCounts(), ledger.counts()]);
  const byAddress = new Map(rows.map((row) => [row.address, row]));
  const known = new Set(placed.flatMap(addressesOf));
  const sum = (step: PlacedStep, what: 'steps' | 'tokens'): number => addressesOf(step).reduce((all, address) => all + (byAddress.get(address)?.[what] ?? 0), 0);
  return {
    ...identity,
    counts: { casesOpen, tasksOpen, exceptionsOpen, deadLettersOpen, quarantineHeld },
    nodes: placed.map((step) => ({ ...step, steps: sum(step, 'steps'), tokens: sum(step, 'tokens') })),
    leftBehind: rows.filter(({ address }) => !known.has(address)),
  };
}

/**
 * The cases that rest at the nodes with these editor ids, oldest first: of a node in a subflow definition those of all its
 * instances, of an instance those of all nodes in it. Titles are read for the listed ones only.
 */
export async function restingCases(waybill: Waybill, editorIds: readonly string[]): Promise<RestingCases> {
  const wanted = new Set(editorIds);
  const places = waybill.nodes.placed().filter((step) => step.editorIds.some((id) => wanted.has(id))).slice(0, MOST_NODES);
  const { ledger } = waybill;
  if (ledger === undefined || places.length === 0) return { items: [], steps: 0, tokens: 0, oldest: undefined };
  const addresses = new Set(places.flatMap(addressesOf));
  const counts = (await ledger.addressCounts()).filter(({ address }) => addresses.has(address));
  const rows = (await Promise.all(counts.map(async ({ address, steps, tokens }) => [
    ...(steps === 0 ? [] : (await ledger.stepsAt(address, '', MOST_CASES)).map((row) => (
      { kind: 'step' as const, caseId: row.case_id, address, since: row.entered_at, waits: row.waiting_on === null ? 'working' as const : WAITS[row.waiting_on] }))),
    ...(tokens === 0 ? [] : (await ledger.tokensFrom(address, '', MOST_CASES)).map((row) => (
      { kind: 'token' as const, caseId: row.case_id, address, since: row.issued_at, waits: 'on-the-way' as const }))),
  ]))).flat().sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)).slice(0, MOST_CASES);
  const items = await Promise.all(rows.map(async (row) => ({ ...row, title: (await ledger.getCase(row.caseId))?.title ?? row.caseId })));
  return {
    items,
    steps: counts.reduce((sum, { steps }) => sum + steps, 0),
    tokens: counts.reduce((sum, { tokens }) => sum + tokens, 0),
    oldest: items[0]?.since,
  };
}
