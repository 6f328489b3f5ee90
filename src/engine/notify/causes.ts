import type { NewNotice } from '../../ledger/notices-port.ts';
import type { NoticeSettings, Purpose } from './settings.ts';
import { reaches } from './settings.ts';

/** An event as it is heard of or read again; data of types that this file does not know is not looked at. */
export interface Heard { readonly type: string; readonly data: object }
type Data = Readonly<Record<string, unknown>>;
interface Cause { readonly purpose: Purpose; readonly taskId?: string; readonly exceptionId?: string; readonly detail?: { readonly [name: string]: string } }

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The members that are there, as texts. */
function details(data: Data, ...names: readonly string[]): { readonly detail: { readonly [name: string]: string } } {
  return { detail: Object.fromEntries(names.flatMap((name) => (text(data[name]) === undefined ? [] : [[name, String(data[name])]]))) };
}

function ofTask(purpose: Purpose, data: Data, ...names: readonly string[]): Cause | undefined {
  const taskId = text(data['taskId']);
  return taskId === undefined ? undefined : { purpose, taskId, ...details(data, ...names) };
}

/** Event type → what is told of it. Another event that people are told of is another line here. */
const causes: { readonly [type: string]: (data: Data, settings: NoticeSettings) => Cause | undefined } = {
  TaskCreated: (data) => ofTask('created', data),
  TaskExpired: (data) => ofTask('expired', data, 'outcome'),
  // A decision that can be recalled is none yet.
  Decided: (data) => (data['outcome'] === undefined || data['heldUntil'] !== undefined ? undefined : ofTask('decided', data, 'outcome')),
  DecisionReleased: (data) => ofTask('decided', data, 'outcome'),
  Reassigned: (data) => ofTask('reassigned', data, 'toRole', 'toPerson'),
  InfoRequested: (data) => ofTask('question', data, 'infoId', 'by', 'to'),
  InfoAnswered: (data) => ofTask('answer', data, 'infoId', 'by'),
  TaskReminded: (data) => ofTask('reminder', data),
  Escalated: (data) => {
    if (data['action'] !== 'remind' && data['action'] !== 'notify' && data['action'] !== 'reassign' && data['action'] !== 'raise') return undefined;
    const purpose = data['action'] === 'remind' ? 'reminder' : 'escalated';
    // A later reminder was due as well: one is enough.
    if (data['coalesced'] === true) return undefined;
    const exceptionId = text(data['exceptionId']);
    return ofTask(purpose, data, 'role') ?? { purpose, ...(exceptionId === undefined ? {} : { exceptionId }), ...details(data, 'role', 'severity') };
  },
  ExceptionRaised: (data, settings) => {
    const exceptionId = text(data['exceptionId']);
    if (exceptionId === undefined || !reaches(String(data['severity']), settings.severity)) return undefined;
    return { purpose: 'exception', exceptionId, ...details(data, 'queue', 'severity') };
  },
};

/** Whether people may be told of events of this type. */
export function isCause(type: string): boolean {
  return Object.hasOwn(causes, type);
}

/** What is told of an event at a position of the ledger; undefined when nothing is. */
export function noticeOf(event: Heard, position: number, caseId: string, at: string, settings: NoticeSettings): NewNotice | undefined {
  const cause = isCause(event.type) ? causes[event.type]?.(event.data as Data, settings) : undefined;
  if (cause === undefined || !settings.purposes.has(cause.purpose)) return undefined;
  return { cause: position, caseId, taskId: cause.taskId, exceptionId: cause.exceptionId, purpose: cause.purpose, detail: cause.detail ?? {}, at };
}
