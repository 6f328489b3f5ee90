import { join } from 'node:path';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';
import type { ErpGate } from './erp-gate.ts';
import type { Look } from './messages.ts';
import type { History } from './outside.ts';
import '../../support/kept-threads.ts';

/** Everything that a ledger holds. */
export async function eventsOf(home: string): Promise<readonly RecordedEvent[]> {
  const ledger = await openSqliteLedger({ home });
  try {
    return await ledger.readAll(1, 1_000_000);
  } finally {
    await ledger.close();
  }
}

function twice(values: readonly string[]): readonly string[] {
  return values.filter((value, i) => values.indexOf(value) !== i);
}

/**
 * What must hold after everything has come to rest and the engine is closed (PROTOCOL §9): acknowledged is there; once in the
 * ledger; once at the other system; nothing waits without a visible reason. Returns what does not hold.
 */
export async function breaches(input: { readonly home: string; readonly history: History; readonly rest: Look; readonly erp: ErpGate }): Promise<readonly string[]> {
  const { home, history, rest, erp } = input;
  const found: string[] = [];
  const events = await eventsOf(home);
  const opened = events.filter((e) => e.type === 'CaseOpened').map((e) => e.streamId);
  if (history.acknowledged && opened.length === 0) found.push('it was acknowledged and is not in the ledger');
  if (opened.length > 1) found.push(`one message opened ${opened.length} cases`);
  for (const caseId of history.caseIds) if (!opened.includes(caseId)) found.push(`case ${caseId} was acknowledged and is not in the ledger`);
  for (const waiting of rest.open) {
    if (waiting.tasks.length + waiting.exceptions.length + waiting.deadLetters.length === 0) found.push(`case ${waiting.caseId} waits without a visible reason`);
  }
  found.push(...oncePerCase(events, opened, erp));
  const consumed = events.filter((e) => e.type === 'StepEntered').map((e) => e.data.runId);
  for (const token of twice(consumed)) found.push(`token ${token} was consumed twice`);
  for (const run of twice(events.filter((e) => e.type === 'StepCompleted').map((e) => e.data.runId))) found.push(`run ${run} was completed twice`);
  const decisions = events.filter((e) => e.type === 'Decided').length;
  if (decisions > opened.length) found.push(`${decisions} decisions were recorded`);
  if (history.decided && decisions === 0) found.push('a decision was answered and is not in the ledger');
  const epochs = events.filter((e) => e.type === 'EpochStarted').map((e) => e.data.epoch);
  for (const epoch of twice(epochs.map(String))) found.push(`epoch ${epoch} was started twice`);
  found.push(...verifyFile(ledgerFiles({ path: join(home, 'ledger.db') }), { projections: true }).findings.map((f) => `ledger: ${f.code}: ${f.message}`));
  return found;
}

function oncePerCase(events: readonly RecordedEvent[], opened: readonly string[], erp: ErpGate): readonly string[] {
  const found: string[] = [];
  for (const caseId of opened) {
    const mine = events.filter((e) => e.streamId === caseId);
    const closed = mine.filter((e) => e.type === 'CaseClosed');
    const receipts = erp.receiptsOf(caseId);
    if (closed.length > 1) found.push(`case ${caseId} was closed ${closed.length} times`);
    const expected = closed[0]?.data.outcome === 'received' ? 1 : 0;
    if (closed.length === 1 && receipts !== expected) found.push(`case ${caseId} was closed as ${closed[0]?.data.outcome ?? ''} with ${receipts} receipts at the ERP`);
    const keys = new Set(erp.seen.filter((r) => r.reference === caseId).map((r) => r.key));
    if (keys.size > 1) found.push(`case ${caseId} was posted under ${keys.size} keys`);
    mine.forEach((e, i) => { if (e.version !== i + 1) found.push(`case ${caseId} has version ${e.version} at place ${i + 1}`); });
    const issued = mine.flatMap((e) => (e.type === 'StepCompleted' || e.type === 'ExceptionResolved' ? e.data.tokens.map((t) => t.tokenId) : []));
    const ended = new Set(mine.flatMap((e) => (e.type === 'StepEntered' ? [e.data.runId] : e.type === 'TokenVoided' ? [e.data.tokenId] : e.type === 'ExceptionResolved' ? e.data.tokens.map((t) => t.replaces) : e.type === 'CaseClosed' ? e.data.cancelledTokens : [])));
    if (closed.length === 1) for (const token of issued) if (!ended.has(token)) found.push(`case ${caseId} was closed with token ${token} live`);
  }
  return found;
}
