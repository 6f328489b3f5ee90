import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyEvent, EventContext } from '../../src/domain/envelope.ts';
import type { EventContent, EventData, EventPersonal, EventType } from '../../src/domain/events.ts';
import type { NewEvent } from '../../src/ledger/port.ts';

/** A time for events; the ledger's own time is what it reads from its clock. */
export const occurredAt = '2025-03-01T08:00:00.000Z';

type Draft<T extends EventType> = EventContext & {
  readonly type: T; readonly data: EventData[T]; readonly content?: NonNullable<EventContent[T]>; readonly personal?: NonNullable<EventPersonal[T]>;
  readonly epoch?: number; readonly site?: string;
};

/** A draft of an event of any type. */
export type AnyDraft = { [T in EventType]: Draft<T> }[EventType];

let eventIds = 0;

/** Completes drafts to the events of a commit on a case's stream. */
export function events(streamId: string, expectedVersion: number, drafts: readonly AnyDraft[]): NewEvent[] {
  return drafts.map((draft, i) => {
    const { epoch = 1, site = 'dc-1', ...event } = draft;
    eventIds += 1;
    return {
      ...(event as AnyEvent), eventId: `00000000-0000-7000-8000-${String(eventIds).padStart(12, '0')}`, streamId, version: expectedVersion + i + 1, caseId: streamId,
      rootCaseId: streamId, site, epoch, occurredAt, clockSource: 'server' as const, actor: { kind: 'system' as const, id: 'test' }, command: 'Test',
    };
  });
}

/** A commit of drafts. */
export function commit(streamId: string, expectedVersion: number, ...drafts: AnyDraft[]): { streamId: string; expectedVersion: number; events: NewEvent[] } {
  return { streamId, expectedVersion, events: events(streamId, expectedVersion, drafts) };
}

export const at = (stepId: string): { address: { instance: string; stepId: string } } => ({ address: { instance: 'main', stepId } });

export function opened(options: { claims?: string[]; keys?: string[]; title?: string; site?: string; process?: string } = {}): Draft<'CaseOpened'> {
  return {
    type: 'CaseOpened', ...at('scan'), ...(options.site === undefined ? {} : { site: options.site }),
    data: {
      process: options.process ?? 'receiving', template: 'receiving@1.0.0', eligible: true, test: false, possibleDuplicate: false, configHash: 'c', documentHash: 'd',
      reservations: (options.claims ?? []).map((keyHash) => ({ scope: 'sscc', keyHash })), operators: ['op-1'], operatorUnknown: false,
    },
    content: { businessKeys: (options.keys ?? []).map((value) => ({ type: 'sscc', value })), document: { quantity: 5 }, title: options.title ?? 'A pallet' },
    personal: { operator: 'Ann Example' },
  };
}

export const completed = (runId: string, ...tokenIds: string[]): Draft<'StepCompleted'> => ({
  type: 'StepCompleted', ...at(runId), data: { runId, tokens: tokenIds.map((tokenId, wire) => ({ tokenId, port: 0, wire, target: 'n2' })), hops: 1 }, content: { messages: { 0: '{"payload":1}' } },
});

export const entered = (runId: string, tokenId?: string, epoch = 1): Draft<'StepEntered'> => ({
  type: 'StepEntered', ...at(runId), epoch, ...(tokenId === undefined ? {} : { tokenId, attempt: 1 }), data: { runId, nodeType: 'waybill-call', attempt: 1 },
});

export const taskCreated = (taskId: string, runId: string, dueAt?: string, role = 'supervisor'): Draft<'TaskCreated'> => ({
  type: 'TaskCreated', ...at(runId),
  data: { taskId, runId, level: 1, role, quorum: 1, createdAt: occurredAt, ...(dueAt === undefined ? {} : { dueAt }), onExpiry: 'reject', covers: ['quantity'], factsHash: 'f', unknownOperatorRole: 'manager' },
  content: { title: 'Over-receipt', question: 'Take it?', shown: { quantity: 7 } },
});

export const decided = (taskId: string, runId: string, outcome?: 'approved' | 'rejected'): Draft<'Decided'> => ({
  type: 'Decided', data: {
    taskId, runId, decision: outcome === 'rejected' ? 'reject' : 'approve', mode: 'person', channel: 'web', authMethod: 'password', factsHash: 'f', ruleId: 'r', decider: 'u-1',
    ...(outcome === undefined ? {} : { outcome }),
  },
  personal: { name: 'Bea Example' },
});

export const closed = (outcome = 'received'): Draft<'CaseClosed'> => ({ type: 'CaseClosed', data: { outcome, cancelledTokens: [], cancelledRuns: [] } });

/** Runs `work` with a folder of its own and removes it afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-ledger-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
