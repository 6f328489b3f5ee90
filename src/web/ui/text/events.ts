import type { EventDetails } from '../api/console-types.ts';
import type { CaseEvent, Json, JsonObject } from '../api/types.ts';
import { formatDecimal, formatNumber, formatTime, hasText, t, type TextKey } from '../locales/index.ts';

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'ask';

export interface Term { readonly label: string; readonly value: string; readonly mono?: boolean }
/** JSON that goes with a line, with what it is. */
export interface Seen { readonly label: string; readonly json: JsonObject }

/** An event in plain words. */
export interface Line {
  readonly event: CaseEvent;
  readonly text: string;
  /** What a person wrote: a comment, a note. */
  readonly quote: string | undefined;
  readonly detail: string | undefined;
  readonly actor: string;
  readonly tone: Tone;
  /** A person did it, or was refused: what remains when only people are looked at. */
  readonly personal: boolean;
  /** Under which rule, on whose behalf, by which way: label and value. */
  readonly terms: readonly Term[];
  /** What was seen, sent or answered at that moment. */
  readonly seen: Seen | undefined;
  /** Bookkeeping that only engineers look at. */
  readonly technical: boolean;
}

const TECHNICAL = new Set([
  'AttemptEnded', 'EscalationArmed', 'LadderStarted', 'LadderPaused', 'LadderResumed', 'LadderEnded', 'TimerCancelled', 'TimerScheduled', 'EventWaitEnded',
  'StepEntered', 'StepCompleted', 'StepResumed', 'TokenResent', 'TokenVoided', 'TokenLate', 'NodeFailed', 'EffectIntended', 'CallStarted', 'FactsRecorded', 'TaskOpened', 'TaskNotified', 'MilestoneReached',
]);

const TONES: Readonly<Record<string, Tone>> = {
  TaskCreated: 'ask', TaskExpired: 'warn', DeadLettered: 'bad', TokenDeadLettered: 'bad', TokenRerouted: 'warn', TokenRetryScheduled: 'warn', ExceptionRaised: 'bad', ExceptionResolved: 'good', CommandRefused: 'warn',
  GuardBreached: 'bad', OutcomeResolved: 'good', StepVoided: 'warn', TaskVoided: 'warn', TaskWithdrawn: 'warn', DecisionRecalled: 'warn', InfoRequested: 'ask', ReversalRequested: 'warn', TaskReminded: 'warn', Escalated: 'warn', CasePaused: 'warn', Reopened: 'warn', PhotoErased: 'warn', RetryScheduled: 'warn',
};

/** Outcomes after which nothing was done. */
const UNDONE = new Set(['rejected', 'refused', 'expired', 'cancelled']);

/** How a case's outcome is coloured; templates name their own outcomes. */
export function outcomeTone(outcome: string): Tone {
  return UNDONE.has(outcome) ? 'warn' : 'good';
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

export function actorName({ actor }: CaseEvent): string {
  if (actor.kind === 'person') return actor.name ?? t('actor.person');
  return t(`actor.${actor.kind}`, { id: actor.id });
}

/** The node's kind in words: `waybill-case-open` → "case open". */
function stepName(event: CaseEvent, nodeTypes: ReadonlyMap<string, string>): string {
  const type = nodeTypes.get(text(event.data['runId']));
  const id = event.address?.split('/').at(-1);
  return [type?.replace(/^waybill-/, '').replaceAll('-', ' '), id === undefined ? undefined : `(${id})`].filter(Boolean).join(' ');
}

/** What earlier events of the case say that a line needs. */
interface Effect { readonly system: string; readonly operation: string; readonly lookup: boolean }
interface Context {
  readonly site: string | undefined;
  readonly nodeTypes: Map<string, string>; readonly effects: Map<string, Effect>; readonly tasks: Map<string, CaseEvent>; readonly now: number;
}

interface Wording { readonly key: TextKey; readonly values?: Record<string, string>; readonly tone?: Tone; readonly quote?: string | undefined; readonly detail?: string | undefined; readonly technical?: boolean }

function decided(data: JsonObject, personal: JsonObject | undefined): Wording {
  if (data['mode'] === 'auto') return { key: 'event.Decided.auto', values: { rule: text(data['ruleId']) }, tone: 'good' };
  const approve = data['decision'] === 'approve';
  if (data['decision'] === 'rework') return { key: 'event.Decided.rework', tone: 'warn', quote: text(personal?.['comment']) || undefined };
  return { key: approve ? 'event.Decided.approve' : 'event.Decided.reject', tone: approve ? 'good' : 'bad', quote: text(personal?.['comment']) || undefined };
}

function callEnded(event: CaseEvent, context: Context): Wording {
  const { data, content } = event;
  const outcome = text(data['outcome']);
  const key = `event.CallEnded.${outcome}`;
  const effect = context.effects.get(text(data['effectId']));
  return {
    key: hasText(key) ? key : 'event.other',
    values: {
      system: effect?.system ?? t('event.system'), status: text(data['httpStatus']) || text(data['errorClass']) || outcome, ms: text(data['durationMs']), type: event.type,
    },
    tone: outcome === 'success' ? 'good' : outcome === 'transient' ? 'warn' : 'bad',
    detail: [effect?.operation, text(content?.['error'])].filter(Boolean).join(': ') || undefined,
    ...(effect?.lookup === true && outcome === 'success' ? { technical: true } : {}),
  };
}

/** That the device's clock was off: its time stands in the case all the same. */
function skewOf(seconds: Json | undefined): string {
  if (typeof seconds !== 'number') return '';
  const values = { n: formatNumber(Math.abs(seconds)) };
  return seconds > 0 ? t('line.clockAhead', values) : t('line.clockBehind', values);
}

/** A scan reads otherwise than what a PLC or another system reported. */
function reportedKey(kind: unknown, repeat: boolean): `event.ScanRecorded${'' | '.repeat' | '.reported' | '.reported.repeat'}` {
  if (kind === undefined) return repeat ? 'event.ScanRecorded.repeat' : 'event.ScanRecorded';
  return repeat ? 'event.ScanRecorded.reported.repeat' : 'event.ScanRecorded.reported';
}

function wording(event: CaseEvent, context: Context): Wording {
  const { type, data, content, personal } = event;
  switch (type) {
    case 'ScanRecorded':
      if (object(data['admission']) !== undefined) {
        return { key: 'event.ScanRecorded.admitted', values: { code: text(content?.['code']) }, quote: text(content?.['reason']) || undefined, detail: text(personal?.['mappedBy']) || undefined, tone: 'warn' };
      }
      return { key: reportedKey(data['kind'], data['repeat'] === 'business'), values: { code: text(content?.['code']) }, detail: [text(content?.['topic']), skewOf(data['skewSeconds'])].filter(Boolean).join(' · ') || undefined };
    case 'FactsRecorded': case 'FactsCorrected':
      return { key: `event.${type}`, values: { paths: (Array.isArray(data['paths']) ? data['paths'] : []).map(text).join(', ') } };
    case 'DecisionMade':
      return { key: 'event.DecisionMade', values: { table: text(data['table']) }, detail: (Array.isArray(data['rules']) ? data['rules'] : []).map(text).join(', ') || undefined };
    case 'BranchArrived':
      return { key: data['late'] === true ? 'event.BranchArrived.late' : 'event.BranchArrived' };
    case 'Gathered':
      return { key: data['outcome'] === 'complete' ? 'event.Gathered' : 'event.Gathered.partial', values: { branches: (Array.isArray(data['branches']) ? data['branches'] : []).map(text).join(', '), missing: text(data['missing']) }, tone: data['outcome'] === 'complete' ? 'good' : 'warn' };
    case 'CompensationRegistered':
      return { key: 'event.CompensationRegistered', quote: text(content?.['name']) || undefined };
    case 'CompensationStarted':
      return { key: 'event.CompensationStarted', values: { n: String(Array.isArray(data['order']) ? data['order'].length : 0), outcome: text(data['outcome']) }, tone: 'warn', quote: text(content?.['note']) || undefined };
    case 'Compensated':
      return { key: data['outcome'] === 'done' ? 'event.Compensated' : 'event.Compensated.skipped', tone: data['outcome'] === 'done' ? 'good' : 'warn', quote: text(content?.['note']) || undefined };
    case 'ServiceAnswered':
      return { key: data['refusal'] === true ? 'event.ServiceAnswered.refused' : 'event.ServiceAnswered', values: { status: text(data['status']) }, tone: data['refusal'] === true ? 'warn' : 'good' };
    case 'AuditRecorded':
      return { key: 'event.AuditRecorded', quote: text(content?.['why']) || undefined };
    case 'CaseClosed':
      return { key: 'event.CaseClosed', quote: text(content?.['note']) || undefined, tone: outcomeTone(text(data['outcome'])) };
    case 'GuardBreached':
      return { key: data['reason'] === 'facts-changed' ? 'event.GuardBreached.changed' : data['reason'] === 'same-person' ? 'event.GuardBreached.people' : 'event.GuardBreached' };
    case 'Validated':
      return data['valid'] === true ? { key: 'event.Validated', tone: 'good' } : { key: 'event.Validated.failed', tone: 'bad' };
    case 'QuantityReserved': {
      const over = Number(data['overBy']) > 0;
      const values = Object.fromEntries(['quantity', 'total', 'limit', 'overBy'].map((name) => [name, formatDecimal(text(data[name]))]));
      return { key: over ? 'event.QuantityReserved.over' : 'event.QuantityReserved', values, tone: over ? 'warn' : 'plain' };
    }
    case 'TaskNotified':
      return data['ok'] === false ? { key: 'event.TaskNotified.failed', tone: 'warn', technical: false } : { key: 'event.TaskNotified' };
    case 'TaskCreated':
      return { key: 'event.TaskCreated', detail: text(content?.['question']) || undefined };
    case 'Decided':
      return decided(data, { comment: text(personal?.['comment']) || text(content?.['comment']) });
    case 'TaskCommented':
      return { key: 'event.TaskCommented', quote: text(personal?.['comment']) || undefined };
    case 'InfoRequested':
      return { key: 'event.InfoRequested', quote: text(content?.['question']) || undefined };
    case 'InfoAnswered':
      return { key: 'event.InfoAnswered', quote: text(content?.['answer']) || undefined };
    case 'Reassigned':
      return { key: data['toRole'] === undefined ? 'event.Reassigned.person' : 'event.Reassigned', quote: text(content?.['reason']) || undefined };
    case 'TaskWithdrawn':
      return { key: 'event.TaskWithdrawn', quote: text(content?.['reason']) || undefined };
    case 'ReversalRequested':
      return { key: 'event.ReversalRequested', quote: text(content?.['reason']) || undefined };
    case 'CallEnded':
      return callEnded(event, context);
    case 'AttemptEnded': return { key: data['outcome'] === 'success' ? 'event.AttemptEnded.success' : 'event.AttemptEnded', values: { reason: text(data['errorClass']) } };
    case 'TokenRetryScheduled':
      return { key: Number(data['holds']) > 0 ? 'event.TokenRetryScheduled.held' : 'event.TokenRetryScheduled', values: { when: formatTime(text(data['dueAt']), context.now, context.site), system: text(data['system']) } };
    case 'TokenDeadLettered': case 'TokenRerouted': return { key: event.type === 'TokenRerouted' ? 'event.TokenRerouted' : 'event.TokenDeadLettered', values: { n: text(data['attempts']), reason: text(data['errorClass']) } };
    case 'TokenReplayed': return { key: data['edited'] === true ? 'event.TokenReplayed.edited' : 'event.TokenReplayed', values: { actor: actorName(event) } };
    case 'RetryScheduled':
      return { key: 'event.RetryScheduled', values: { when: formatTime(text(data['dueAt']), context.now, context.site) } };
    case 'Replayed':
      return { key: data['edited'] === true ? 'event.Replayed.edited' : 'event.Replayed' };
    case 'OutcomeResolved':
      return { key: data['outcome'] === 'happened' ? 'event.OutcomeResolved.happened' : 'event.OutcomeResolved.not-happened' };
    case 'ExceptionRaised':
      return { key: 'event.ExceptionRaised', values: { message: text(content?.['message']) || text(data['code']) } };
    case 'ExceptionResolved':
      return { key: 'event.ExceptionResolved', quote: text(content?.['note']) || undefined };
    case 'Escalated': {
      const key = `event.Escalated.${text(data['action'])}`;
      return { key: hasText(key) ? key : 'event.other', values: { role: text(data['role']) || t('event.nextLevel') } };
    }
    case 'CasePaused': case 'CaseResumed': {
      const code = text(data['reason']);
      return { key: `event.${type}`, values: { reason: spoken('ahead.reason', code) }, quote: text(content?.['note']) || undefined };
    }
    case 'TimerScheduled':
      return { key: 'event.TimerScheduled', values: { when: formatTime(text(data['dueAt']), context.now, context.site) } };
    case 'EventAwaited':
      return { key: 'event.EventAwaited', values: { name: text(data['name']) } };
    case 'ExceptionNoted':
      return { key: 'event.ExceptionNoted', quote: text(content?.['note']) || undefined };
    case 'CommandRefused':
      return { key: 'event.CommandRefused', values: { message: text(content?.['message']) || text(data['code']) } };
    default: {
      const key = `event.${type}`;
      return { key: hasText(key) ? key : 'event.other' };
    }
  }
}

/** The task that an event is about, as it was asked. */
function taskOf({ data }: CaseEvent, { tasks }: Context): CaseEvent | undefined {
  const id = text(data['taskId']);
  if (id !== '') return tasks.get(id);
  return [...tasks.values()].findLast((task) => text(task.data['runId']) === text(data['runId']));
}

/** Under what terms it happened: on whose behalf, by which rule and way, and where. */
function termsOf(event: CaseEvent, context: Context): Term[] {
  const { data, actor } = event;
  const { policyVersion } = event as EventDetails;
  const behalf = (actor as { readonly onBehalfOf?: string; readonly onBehalfOfName?: string });
  const decided = event.type === 'Decided';
  const rule = text(data['ruleId']);
  const asked = decided ? taskOf(event, context) : undefined;
  const channel = text(data['channel']);
  const method = text(data['authMethod']);
  const terms: (Term | undefined)[] = [
    actor.role === undefined ? undefined : { label: t('line.role'), value: actor.role },
    behalf.onBehalfOf === undefined ? undefined : { label: t('line.behalf'), value: behalf.onBehalfOfName ?? behalf.onBehalfOf },
    rule === '' || data['mode'] === 'auto' ? undefined : { label: t('line.rule'), value: rule },
    asked === undefined ? undefined : { label: t('line.quorum'), value: text(asked.data['quorum']) },
    event.type === 'TaskCreated' && text(data['dueAt']) !== '' ? { label: t('line.due'), value: formatTime(text(data['dueAt']), context.now, context.site) } : undefined,
    channel === '' ? undefined : { label: t('line.channel'), value: spoken('line.channel', channel) },
    method === '' ? undefined : { label: t('line.method'), value: spoken('line.method', method) },
    policyVersion === undefined ? undefined : { label: t('line.policy'), value: policyVersion, mono: true },
    decided || event.type === 'TaskCreated' ? { label: t('line.factsHash'), value: text(data['factsHash']), mono: true } : undefined,
    object(data['admission']) === undefined ? undefined : { label: t('line.original'), value: text(object(data['admission'])?.['originalSha256']), mono: true },
    event.type === 'CommandRefused' ? { label: t('line.refusedCode'), value: text(data['code']), mono: true } : undefined,
  ];
  return terms.filter((each): each is Term => each !== undefined && each.value !== '');
}

function spoken(area: string, name: string): string {
  const key = `${area}.${name}`;
  return hasText(key) ? t(key) : name;
}

function object(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0 ? value : undefined;
}

/** What the person or machine had before it at that moment. */
function seenOf(event: CaseEvent, context: Context): Seen | undefined {
  const { type, content, data } = event;
  const from = (label: TextKey, json: JsonObject | undefined): Seen | undefined => (json === undefined ? undefined : { label: t(label), json });
  switch (type) {
    case 'Decided': case 'TaskOpened': case 'TaskClaimed':
      return from('line.seen.facts', object(taskOf(event, context)?.content?.['shown']));
    case 'TaskCreated':
      return from('line.seen.facts', object(content?.['shown']));
    case 'CaseOpened':
      return from('line.seen.document', object(content?.['document']));
    case 'ScanRecorded':
      return from('line.seen.scan', object(content?.['scan']));
    case 'FactsRecorded': case 'FactsCorrected':
      return from('line.seen.patch', object(content?.['patch']));
    case 'CallEnded': case 'OutcomeResolved':
      return from('line.seen.answer', object(content?.['response']));
    case 'EffectIntended': case 'Replayed':
      return from('line.seen.request', object(content?.['request']));
    case 'ExceptionRaised': case 'CommandRefused':
      return from('line.seen.detail', object(content?.['detail']));
    case 'Validated':
      return Array.isArray(content?.['errors']) && data['valid'] !== true ? from('line.seen.errors', { errors: content['errors'] }) : undefined;
    case 'DecisionMade':
      return from('line.seen.detail', object(content));
    case 'ServiceAnswered':
      return from('line.seen.answer', object(content?.['body']));
    case 'AuditRecorded':
      return from('line.seen.evidence', object(content?.['evidence']));
    default:
      return undefined;
  }
}

/** Tries between the first and the last of a call, and waits that are over: they say nothing that the two do not. */
function repetitions(events: readonly CaseEvent[]): ReadonlySet<CaseEvent> {
  const ofEffect = new Map<string, CaseEvent[]>();
  for (const event of events) {
    const id = text(event.data['effectId']);
    if (id !== '' && (event.type === 'CallEnded' || event.type === 'RetryScheduled')) ofEffect.set(id, [...ofEffect.get(id) ?? [], event]);
  }
  const found = new Set<CaseEvent>();
  for (const tries of ofEffect.values()) {
    const ended = tries.filter((event) => event.type === 'CallEnded');
    for (const event of ended.slice(1, -1)) if (event.data['outcome'] === 'transient') found.add(event);
    for (const event of tries.slice(0, -1)) if (event.type === 'RetryScheduled') found.add(event);
  }
  return found;
}

/** The events of a case, in order, in plain words. */
export function story(events: readonly CaseEvent[], now: number, site?: string): Line[] {
  const context: Context = { nodeTypes: new Map(), effects: new Map(), tasks: new Map(), now, site };
  const repeated = repetitions(events);
  return events.map((event) => {
    const { data } = event;
    if (event.type === 'StepEntered') context.nodeTypes.set(text(data['runId']), text(data['nodeType']));
    if (event.type === 'EffectIntended') {
      // Asking another system changes nothing there: bookkeeping, as long as it works.
      context.effects.set(text(data['effectId']), { system: text(data['system']), operation: text(data['operation']), lookup: data['recovery'] === 'safe' });
    }
    if (event.type === 'TaskCreated') context.tasks.set(text(data['taskId']), event);
    const words = wording(event, context);
    const known = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, text(value)]));
    const actor = actorName(event);
    const values = { ...known, system: context.effects.get(text(data['effectId']))?.system ?? known['system'] ?? t('event.system'), step: stepName(event, context.nodeTypes), actor, type: event.type, ...words.values };
    return {
      event, actor, text: t(words.key, values), quote: words.quote, detail: words.detail,
      tone: words.tone ?? TONES[event.type] ?? 'plain', technical: words.technical ?? (TECHNICAL.has(event.type) || repeated.has(event)),
      personal: event.actor.kind === 'person' || event.type === 'CommandRefused' || event.type === 'TaskCreated',
      terms: termsOf(event, context), seen: seenOf(event, context),
    };
  });
}
