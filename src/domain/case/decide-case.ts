import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CaseState } from './state.ts';
import type { CloseCase, OpenCase, RecordFacts, RecordScan, ReleaseQuantity, ReserveQuantity, ScanFacts } from './commands.ts';
import { own } from '../own.ts';
import { effectPending } from '../effect/effect-pending.ts';
import { isOpenRun } from '../step/decide-step.ts';
import { amountsGivenBack } from '../task/decide-amount.ts';
import { compensated } from '../compensation/decide-compensation.ts';

// Data of the events that every case has stand in the order of their keys, in which a leaf is written: they need no sorting there.

function scanRecorded(scan: ScanFacts, repeat: 'first' | 'business'): AnyEvent {
  return {
    type: 'ScanRecorded',
    data: {
      ...(scan.admission === undefined ? {} : { admission: scan.admission }),
      ...(scan.deviceId === undefined ? {} : { deviceId: scan.deviceId }),
      ...(scan.kind === undefined ? {} : { kind: scan.kind }),
      ...(scan.operator === undefined ? {} : { operator: scan.operator }),
      operatorUnknown: scan.operatorUnknown, possibleDuplicate: scan.possibleDuplicate, repeat,
      ...(scan.skewSeconds === undefined ? {} : { skewSeconds: scan.skewSeconds }),
      ...(scan.transport === undefined ? {} : { transport: scan.transport }),
    },
    content: {
      code: scan.code,
      ...(scan.topic === undefined ? {} : { topic: scan.topic }),
      ...(scan.raw === undefined ? {} : { raw: scan.raw }),
      ...(scan.fields === undefined ? {} : { scan: scan.fields }),
      ...(scan.admissionReason === undefined ? {} : { reason: scan.admissionReason }),
    },
    ...(scan.operatorName === undefined && scan.admittedByName === undefined ? {} : {
      personal: { ...(scan.operatorName === undefined ? {} : { operator: scan.operatorName }), ...(scan.admittedByName === undefined ? {} : { mappedBy: scan.admittedByName }) },
    }),
  };
}

/** Opens the case, records the scan and completes the intake step, all in one commit. */
export function decideOpenCase(state: CaseState, command: OpenCase): Decision {
  if (state.status !== 'absent') return refused(command.type, 'case-exists');
  const opened: AnyEvent = {
    type: 'CaseOpened', address: command.address,
    data: {
      configHash: command.configHash, documentHash: command.documentHash, eligible: command.eligible,
      operatorUnknown: command.operatorUnknown, operators: command.operators, possibleDuplicate: command.possibleDuplicate,
      process: command.process, reservations: command.reservations, template: command.template, test: command.test,
    },
    content: { businessKeys: command.keys.map((k) => ({ type: k.type, value: k.value })), document: command.document, title: command.title },
  };
  const completed: AnyEvent = {
    type: 'StepCompleted', address: command.address,
    data: { hops: 1, runId: command.runId, tokens: command.tokens },
    content: { messages: command.messages },
  };
  return command.scan === undefined ? accepted(opened, completed) : accepted(opened, scanRecorded(command.scan, 'first'), completed);
}

/** A repeated scan is evidence on the case that holds the key; it changes nothing else, so a closed case takes it. */
export function decideRecordScan(state: CaseState, command: RecordScan): Decision {
  if (state.status === 'absent') return refused(command.type, 'case-absent');
  return accepted(scanRecorded(command.scan, 'business'));
}

export function decideRecordFacts(state: CaseState, command: RecordFacts): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  if (command.runId !== undefined && !isOpenRun(own(state.runs, command.runId))) return refused(command.type, 'run-not-open');
  const place = command.address === undefined ? {} : { address: command.address };
  const data = { paths: command.paths, beforeHash: command.beforeHash, afterHash: command.afterHash };
  const content = { patch: command.patch };
  if (!command.correction) return accepted({ type: 'FactsRecorded', ...place, data, content });
  return accepted({ type: 'FactsCorrected', ...place, data: { ...data, ...(command.by === undefined ? {} : { by: command.by }) }, content });
}

export function decideReserveQuantity(state: CaseState, command: ReserveQuantity): Decision {
  const run = own(state.runs, command.runId);
  if (state.status !== 'open' || !isOpenRun(run)) return refused(command.type, 'run-not-open');
  // A step that is run again after a crash asks again; its quantity must not count twice.
  if (own(state.holds, command.claimId) !== undefined) return nothing('reserved');
  return accepted({
    type: 'QuantityReserved', address: run.address,
    data: {
      claimId: command.claimId, scope: command.scope, keyHash: command.keyHash, quantity: command.quantity,
      total: command.total, limit: command.limit, overBy: command.overBy, reservationVersion: command.reservationVersion,
    },
  });
}

export function decideReleaseQuantity(state: CaseState, command: ReleaseQuantity): Decision {
  const hold = own(state.holds, command.claimId);
  if (hold === undefined) return refused(command.type, 'reservation-released');
  return accepted({
    type: 'QuantityReleased',
    data: {
      claimId: hold.claimId, scope: hold.scope, keyHash: hold.keyHash, quantity: hold.quantity,
      total: command.total, reservationVersion: command.reservationVersion,
    },
  });
}

/** What would be cut off by closing now: live tokens, open runs but the closing one, and effects that are or may be happening. */
export function workLeft(state: CaseState, closingRun: string | undefined): { readonly tokens: readonly string[]; readonly runs: readonly string[]; readonly effectOpen: boolean } {
  const tokens = Object.values(state.tokens).filter((t) => t.state === 'live').map((t) => t.tokenId);
  const runs = Object.values(state.runs).filter((r) => isOpenRun(r) && r.runId !== closingRun).map((r) => r.runId);
  const effectOpen = Object.values(state.effects).some(effectPending);
  return { tokens, runs, effectOpen };
}

/** Closing with live work is refused unless the work is cancelled by name (PROTOCOL §2.8). Closed stays closed. */
export function decideCloseCase(state: CaseState, command: CloseCase): Decision {
  if (state.status !== 'open') return refused(command.type, state.status === 'closed' ? 'case-closed' : 'case-absent');
  if (state.compensating !== undefined) return refused(command.type, 'compensating');
  const run = own(state.runs, command.runId);
  if (command.runId !== undefined && !isOpenRun(run)) return refused(command.type, 'run-not-open');
  const left = workLeft(state, command.runId);
  if (left.effectOpen) return refused(command.type, 'effect-open');
  if (!command.cancelOpen && left.tokens.length + left.runs.length > 0) return refused(command.type, 'open-work-left');
  if (command.compensate === true) {
    const undone = compensated(state, command, command.type);
    if (undone !== undefined) return undone;
  }
  return accepted(...amountsGivenBack(state, command.releaseClaims === true), {
    type: 'CaseClosed', ...(run === undefined ? {} : { address: run.address }),
    data: {
      outcome: command.outcome, cancelledTokens: left.tokens, cancelledRuns: left.runs,
      ...(command.releaseClaims === true && state.claims.length > 0 ? { released: state.claims } : {}),
    },
    ...(command.note === undefined ? {} : { content: { note: command.note } }),
  });
}
