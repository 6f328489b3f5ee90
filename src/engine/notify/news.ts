import type { JsonObject } from '../../domain/index.ts';
import type { Notice } from '../../ledger/notices-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Purpose } from './settings.ts';

/** One thing that people are told, as it is now. */
export interface News {
  readonly notice: Notice;
  readonly purpose: Purpose;
  readonly site: string;
  readonly title: string;
  /** The question of a task, what an exception says. */
  readonly text: string;
  readonly facts: JsonObject;
  readonly kind: 'approval' | 'work' | 'evidence' | 'exception' | 'case';
  /** Role of the task, queue of the exception. */
  readonly role: string;
  readonly dueAt: string | undefined;
  readonly severity: string | undefined;
  readonly outcome: string | undefined;
}

/** They ask somebody to do something: not told any more when it is done. */
const asking: ReadonlySet<string> = new Set(['created', 'reminder', 'escalated', 'reassigned', 'question', 'exception']);

/** Loads what a notice is about; undefined when there is nothing to tell (any more). `pseudonym`: of the person who is told. */
export async function newsOf(ledger: Ledger, notice: Notice, pseudonym: string | undefined): Promise<News | undefined> {
  if (notice.taskId !== undefined) return ofTask(ledger, notice, notice.taskId, pseudonym);
  return notice.exceptionId === undefined ? ofCase(ledger, notice) : ofException(ledger, notice, notice.exceptionId);
}

async function ofTask(ledger: Ledger, notice: Notice, taskId: string, pseudonym: string | undefined): Promise<News | undefined> {
  const task = await ledger.getTask(taskId);
  if (task === undefined) return undefined;
  if (asking.has(notice.purpose)) {
    if (task.status !== 'open') return undefined;
    // Whoever has claimed it is at it; for the others there is nothing to do.
    if (notice.purpose === 'created' && task.claimed_by !== null && task.claimed_by !== pseudonym) return undefined;
  }
  return {
    notice, purpose: notice.purpose as Purpose, site: task.site, title: task.title, text: await saidIn(ledger, notice) ?? task.question, kind: task.kind, role: task.role, dueAt: task.due_at ?? undefined,
    // The facts are for those who decide; whoever asked is told what came of it.
    facts: asking.has(notice.purpose) && notice.purpose !== 'question' ? JSON.parse(task.shown) as JsonObject : {},
    severity: undefined, outcome: notice.detail['outcome'],
  };
}

/** What a person asked or answered: it stands in the event that is told. */
async function saidIn(ledger: Ledger, notice: Notice): Promise<string | undefined> {
  if (notice.purpose !== 'question' && notice.purpose !== 'answer') return undefined;
  const [event] = await ledger.readAll(notice.cause, 1);
  return event?.type === 'InfoRequested' ? event.content?.question : event?.type === 'InfoAnswered' ? event.content?.answer : undefined;
}

async function ofCase(ledger: Ledger, notice: Notice): Promise<News | undefined> {
  const found = await ledger.getCase(notice.caseId);
  if (found?.status !== 'open') return undefined;
  return {
    notice, purpose: notice.purpose as Purpose, site: found.site, title: found.title, text: '', facts: {}, kind: 'case', role: notice.detail['role'] ?? '', dueAt: undefined, severity: undefined, outcome: undefined,
  };
}

async function ofException(ledger: Ledger, notice: Notice, exceptionId: string): Promise<News | undefined> {
  const exception = await ledger.getException(exceptionId);
  if (exception === undefined || (asking.has(notice.purpose) && exception.status !== 'open')) return undefined;
  const found = await ledger.getCase(exception.case_id);
  return {
    notice, purpose: notice.purpose as Purpose, site: exception.site, title: found?.title ?? exception.code, text: exception.message, facts: {}, kind: 'exception', role: exception.queue,
    dueAt: undefined, severity: exception.severity, outcome: undefined,
  };
}
