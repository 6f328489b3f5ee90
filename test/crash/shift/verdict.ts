import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ErpReceipt } from '../../../bench/support/erp-process.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import type { PlannedScan } from '../../../src/cli/simulate/index.ts';
import type { EventData } from '../../../src/domain/events.ts';
import { Pseudonyms } from '../../../src/engine/support/hashing.ts';
import { loadPseudonymKey } from '../../../src/engine/support/key-file.ts';

const run = promisify(execFile);

interface ExportedEvent { readonly type: string; readonly caseId?: string; readonly streamId: string; readonly data: unknown }

/** What became of a shift, seen from outside: publisher's book, exported ledger, ERP's store. */
export interface Verdict {
  readonly cases: number;
  readonly events: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly receipts: number;
  readonly verified: string;
  /** One sentence for every breach; empty when all is well. */
  readonly breaches: readonly string[];
}

/** Outcomes of the receiving flow that stand for one receipt at the ERP. */
const RECEIVED = new Set(['received', 'short', 'over', 'final', 'reversed']);

/** Runs `waybill` on the home. Resolves with what it printed, whatever its exit code. */
async function waybill(...args: string[]): Promise<string> {
  try {
    return (await run(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), ...args], { maxBuffer: 2 ** 28 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout ?? ''}${stderr ?? ''}`;
  }
}

/** @param acked scans that the broker acknowledged, by index in the plan */
export async function judge(home: string, plan: readonly PlannedScan[], acked: ReadonlySet<number>, receipts: readonly ErpReceipt[]): Promise<Verdict> {
  const exported = path.join(home, 'export.jsonl');
  await waybill('ledger', 'export', '--home', home, '--out', exported);
  const breaches: string[] = [];
  const breach = (text: string): void => { if (breaches.length < 50) breaches.push(text); };

  const scansByKey = new Map<string, string[]>();
  const opened = new Set<string>();
  const outcomes = new Map<string, string>();
  const quarantined = new Map<string, number>();
  let events = 0;
  for await (const line of createInterface({ input: createReadStream(exported) })) {
    const event = (JSON.parse(line) as { leaf: ExportedEvent }).leaf;
    events += 1;
    const caseId = event.caseId ?? event.streamId;
    const [type] = event.type.split('@');
    if (type === 'CaseOpened') {
      if (opened.has(caseId)) breach(`case ${caseId} was opened twice`);
      opened.add(caseId);
    } else if (type === 'ScanRecorded') {
      const { transport } = event.data as EventData['ScanRecorded'];
      if (transport === undefined) continue;
      scansByKey.set(transport.keyHash, [...scansByKey.get(transport.keyHash) ?? [], caseId]);
    } else if (type === 'CaseClosed') {
      if (outcomes.has(caseId)) breach(`case ${caseId} was closed twice`);
      outcomes.set(caseId, (event.data as EventData['CaseClosed']).outcome);
    } else if (type === 'Quarantined') {
      const { sha256 } = event.data as EventData['Quarantined'];
      quarantined.set(sha256, (quarantined.get(sha256) ?? 0) + 1);
    } else if (type === 'ExceptionRaised') {
      const { class: kind } = event.data as EventData['ExceptionRaised'];
      if (kind === 'forked-token' || kind === 'guard-breached' || kind === 'closed-case') breach(`case ${caseId} has an exception of class ${kind}`);
    }
  }

  judgeScans(home, plan, acked, { scansByKey, opened, quarantined }, breach);
  for (const caseId of opened) if (!outcomes.has(caseId)) breach(`case ${caseId} is still open`);
  judgeReceipts(outcomes, receipts, breach);
  const report = JSON.parse(await waybill('ledger', 'verify', '--home', home, '--json')) as { events: number; findings: readonly { message: string }[] };
  for (const { message } of report.findings) breach(`ledger verify: ${message}`);
  if (report.events !== events) breach(`verify saw ${report.events} events, the export has ${events}`);
  return {
    cases: opened.size, events, acknowledged: acked.size, receipts: receipts.length, outcomes: tally(outcomes.values()),
    verified: report.findings.length === 0 ? 'ok' : `${report.findings.length} findings`, breaches,
  };
}

interface Recorded { readonly scansByKey: ReadonlyMap<string, readonly string[]>; readonly opened: ReadonlySet<string>; readonly quarantined: ReadonlyMap<string, number> }

/** Every acknowledged scan is on exactly one case, and every handling unit has one case; what cannot be read is in quarantine. */
function judgeScans(home: string, plan: readonly PlannedScan[], acked: ReadonlySet<number>, { scansByKey, opened, quarantined }: Recorded, breach: (text: string) => void): void {
  const pseudonyms = new Pseudonyms(loadPseudonymKey(home));
  const unitCases = new Map<string, Set<string>>();
  let unreadable = 0;
  for (const scan of plan) {
    if (!acked.has(scan.index)) {
      breach(`scan ${scan.index} was never acknowledged`);
      continue;
    }
    if (scan.expected === 'quarantine') {
      unreadable += 1;
      continue;
    }
    const cases = scansByKey.get(pseudonyms.reservation('transport', `dc-1\0${scan.device}/${scan.transportId}`)) ?? [];
    if (cases.length !== 1) breach(`the acknowledged scan ${scan.index} (${scan.transportId}, ${scan.kind}) is recorded ${cases.length} times`);
    for (const caseId of cases) {
      if (!opened.has(caseId)) breach(`scan ${scan.transportId} names the case ${caseId}, which was never opened`);
      if (scan.sscc !== undefined && scan.kind !== 'reversal') unitCases.set(scan.sscc, (unitCases.get(scan.sscc) ?? new Set()).add(caseId));
    }
  }
  for (const [sscc, cases] of unitCases) if (cases.size !== 1) breach(`the handling unit ${sscc} has ${cases.size} cases`);
  // A message without an id of its own may be put aside twice, when the process ended between commit and acknowledgement.
  const held = [...quarantined.values()].reduce((sum, count) => sum + count, 0);
  if (held < unreadable) breach(`${unreadable} unreadable messages were acknowledged, ${held} are in quarantine`);
}

/** Every case that says it was received has exactly one receipt, and no receipt is without such a case. */
function judgeReceipts(outcomes: ReadonlyMap<string, string>, receipts: readonly ErpReceipt[], breach: (text: string) => void): void {
  const byCase = new Map<string, number>();
  for (const { reference, receipt } of receipts) {
    byCase.set(reference, (byCase.get(reference) ?? 0) + 1);
    const outcome = outcomes.get(reference);
    if (outcome === undefined || !RECEIVED.has(outcome)) breach(`the ERP has the receipt ${receipt} for ${reference}, whose case ended ${outcome ?? 'nowhere'}`);
  }
  for (const [caseId, outcome] of outcomes) {
    if (RECEIVED.has(outcome) && byCase.get(caseId) !== 1) breach(`the case ${caseId} ended ${outcome} with ${byCase.get(caseId) ?? 0} receipts`);
  }
}

function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
