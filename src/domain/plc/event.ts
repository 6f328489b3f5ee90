import { NODE_ID } from './write.ts';

/** When a server is told that an alarm was seen, or that its cause is removed. */
export type AnswerWhen = 'never' | 'recorded' | 'closed';

/** A type of events, as a person has chosen it. */
export interface PlcEventType { readonly nodeId: string; readonly name: string }

/** Which events of a controller a node hears, and what it answers. */
export interface PlcEventConfig {
  /** '' is the Server object: it tells all. */
  readonly notifier: string;
  readonly eventTypes: readonly PlcEventType[];
  /** Node ids. */
  readonly sources: readonly string[];
  readonly leastSeverity: number;
  readonly suppressed: boolean;
  readonly acknowledgeWhen: AnswerWhen;
  readonly confirmWhen: AnswerWhen;
}

export const ANSWER_WHEN: readonly AnswerWhen[] = ['never', 'recorded', 'closed'];
/** Severity goes from 1 to 1,000 (OPC UA Part 5 §6.4.2). */
export const MOST_SEVERITY = 1_000;
export const MOST_EVENT_TYPES = 20;
export const MOST_SOURCES = 50;

/** What is wrong with it, by its place. */
export interface PlcEventProblem {
  readonly code: 'bad-notifier' | 'bad-event-type' | 'too-many-event-types' | 'bad-source' | 'too-many-sources' | 'bad-severity' | 'bad-answer';
  readonly row: number;
}

const isNodeId = (value: unknown): boolean => typeof value === 'string' && NODE_ID.test(value.trim());

export function eventProblems({ notifier, eventTypes, sources, leastSeverity, acknowledgeWhen, confirmWhen }: Omit<PlcEventConfig, 'suppressed'>): readonly PlcEventProblem[] {
  const problems: PlcEventProblem[] = [];
  if (notifier !== '' && !isNodeId(notifier)) problems.push({ code: 'bad-notifier', row: 0 });
  if (eventTypes.length > MOST_EVENT_TYPES) problems.push({ code: 'too-many-event-types', row: MOST_EVENT_TYPES });
  eventTypes.forEach((type: PlcEventType | null, row) => { if (!isNodeId(type?.nodeId)) problems.push({ code: 'bad-event-type', row }); });
  if (sources.length > MOST_SOURCES) problems.push({ code: 'too-many-sources', row: MOST_SOURCES });
  sources.forEach((source, row) => { if (!isNodeId(source)) problems.push({ code: 'bad-source', row }); });
  if (!(Number.isInteger(Number(leastSeverity)) && Number(leastSeverity) >= 1 && Number(leastSeverity) <= MOST_SEVERITY)) problems.push({ code: 'bad-severity', row: 0 });
  if (![acknowledgeWhen, confirmWhen].every((when) => ANSWER_WHEN.includes(when))) problems.push({ code: 'bad-answer', row: 0 });
  return problems;
}
