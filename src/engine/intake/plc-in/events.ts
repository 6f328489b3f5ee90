import { randomUUID } from 'node:crypto';
import { addressKey } from '../../../domain/envelope.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { eventProblems, type PlcEventProblem } from '../../../domain/plc/event.ts';
import { OpcUaEventIntake, readEventMemory, type EventNews, type EventPort } from '../../../intake/opcua/index.ts';
import { KeptRunning } from './kept.ts';
import type { PlcAround, PlcInNodeConfig, PlcMode } from './mode.ts';

/** The Server object: it tells all events of a server (OPC UA Part 3 §7.17). */
const SERVER = 'i=2253';
/** How long what becomes of an alarm is kept for a case that does not wait for it yet. */
const KEEP_MS = 7 * 24 * 3_600_000;

/** Events and alarms that a server tells. */
export const eventsMode: PlcMode = { counted: ['event', 'events'], problem, start: (around) => new RunningEvents(around) };

const sentences: Readonly<Record<PlcEventProblem['code'], (row: number) => string>> = {
  'bad-notifier': () => 'What tells the events is no node id; choose it, or leave it blank for the whole server.',
  'bad-event-type': (row) => `Event type ${row + 1} is no node id; choose it anew.`,
  'too-many-event-types': (row) => `More than ${row} types of events; choose a type above them.`,
  'bad-source': (row) => `Source ${row + 1} is no node id; choose it anew.`,
  'too-many-sources': (row) => `More than ${row} sources; choose a node above them that tells the events.`,
  'bad-severity': () => 'The severity is no whole number from 1 to 1,000; correct it.',
  'bad-answer': () => 'When alarms are acknowledged or confirmed is not known; choose it anew.',
};

function problem(config: PlcInNodeConfig): string | undefined {
  const [first] = eventProblems(config);
  return first === undefined ? undefined : sentences[first.code](first.row);
}

function eventPort({ waybill, site, port, opening }: PlcAround): EventPort {
  return {
    ...port,
    report: async ({ name, key, data, id }) => {
      const result = await waybill.reportEvent({ site: site.id, name, key, data, id, keepMs: KEEP_MS, broadcast: true, by: { device: opening.device.slice(0, 128) } });
      // while the engine takes nothing in, it waits like everything else that is to be recorded
      if (!result.ok) throw Object.assign(new Error(result.message), result.status === 'unavailable' ? { name: 'LedgerError', code: 'unavailable' } : {});
    },
    onCaseClosed: (listener) => waybill.nodes.onCaseProgress(({ kind, caseId }) => { if (kind === 'closed') listener(caseId); }),
    isClosed: async (caseId) => (await waybill.caseView(caseId))?.status === 'closed',
  };
}

class RunningEvents extends KeptRunning<OpcUaEventIntake> {
  problems(): readonly string[] {
    return this.intake?.problems ?? [];
  }

  readonly standing = (): boolean => this.intake?.unwatched === true;

  counters(): Readonly<Record<string, number>> & { readonly lastAt?: number } {
    const intake = this.intake;
    if (intake === undefined) return {};
    const { lastAt, ...counted } = intake.counters;
    const { acknowledged, confirmed, open } = intake.answered;
    return { ...counted, alarms: intake.alarms.filter(({ active }) => active).length, acknowledged, confirmed, answersOpen: open, ...(lastAt === undefined ? {} : { lastAt }) };
  }

  protected begin(kept: JsonObject | undefined): OpcUaEventIntake {
    const { around } = this;
    const memory = readEventMemory(kept);
    const { config, waybill, link, opening, step, samples, onOutcome, onProblems, log } = around;
    return new OpcUaEventIntake(eventPort(around), {
      ...opening, connection: link.connection, address: addressKey(step.address), title: config.title, keyField: config.keyField, keyType: config.keyType,
      notifier: config.notifier.trim() || SERVER, types: config.eventTypes.map(({ nodeId }) => nodeId.trim()), sources: config.sources.map((source) => source.trim()),
      leastSeverity: Number(config.leastSeverity), rules: { leastSeverity: Number(config.leastSeverity), suppressed: config.suppressed },
      answers: { acknowledge: config.acknowledgeWhen, confirm: config.confirmWhen }, publishingMs: config.publishingMs,
      outageMs: config.outageSeconds > 0 ? config.outageSeconds * 1_000 : link.outageMs, newKey: () => randomUUID(), clock: () => waybill.clock.now(),
      ...(memory === undefined ? {} : { memory }),
      onEvent: ({ name, severity, at }) => { samples.value(name, severity, true, at); },
      onOutcome: (news) => { onOutcome(outcomeOf(news)); }, onProblems, log,
    });
  }
}

const TOLD: Readonly<Record<string, string>> = { inactive: 'Not active any more.', acknowledged: 'Acknowledged.', confirmed: 'Confirmed.', disabled: 'The condition was disabled.' };

function outcomeOf({ kind, severity: _severity, message, ...news }: EventNews): Parameters<PlcAround['onOutcome']>[0] {
  const told = TOLD[kind];
  if (told !== undefined) return { ...news, kind: 'told', message: message === undefined ? told : `${told} ${message}` };
  return { ...news, kind: kind === 'answered' ? 'told' : kind as 'opened', ...(message === undefined ? {} : { message }) };
}
