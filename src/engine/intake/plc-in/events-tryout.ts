import { alarmOpened, decideEvent, eventOpenings, initialAlarmState, type OpcUaEvent, type PlcOpeningOptions } from '../../../intake/opcua/index.ts';
import type { PlcInNodeConfig } from './mode.ts';
import { shown, type TriedOutcome } from './tryout.ts';

/** `Line Jam = active 700 belt jammed`: the alarm, what it is now, its severity, its message. */
const ALARM = /^(.+?)\s*=\s*(active|inactive|acknowledged|confirmed)(?:\s+(\d{1,4}))?(?:\s+(.*))?$/i;
/** `event = 300 belt worn`, `scan = (01)09521234543213`. */
const EVENT = /^(event|scan)\s*=\s*(?:(\d{1,4})\s+)?(.*)$/i;

interface Standing { readonly active: boolean; readonly acknowledged: boolean; readonly confirmed: boolean }

const TOLD: Readonly<Record<string, string>> = { inactive: 'is told as alarm.inactive', acknowledged: 'is told as alarm.acknowledged', confirmed: 'is told as alarm.confirmed', disabled: 'is told as alarm.disabled' };
const PASSED: Readonly<Record<string, string>> = { severity: 'is less severe than what opens a case', suppressed: 'is suppressed', known: 'is known: its case is there', over: 'is over, and nobody has to say anything to it' };

/** What pasted events would become at a node with this configuration; nothing is recorded. Types and sources are the server's to judge. */
export function tryEvents(config: PlcInNodeConfig, opening: PlcOpeningOptions, lines: readonly string[], now: number): TriedOutcome[] {
  const options = { ...opening, address: 'tried', title: config.title, keyField: config.keyField, keyType: config.keyType };
  const rules = { leastSeverity: Number(config.leastSeverity), suppressed: config.suppressed };
  const outcomes: TriedOutcome[] = [];
  const standing = new Map<string, Standing>();
  let state = initialAlarmState;
  lines.forEach((raw, index) => {
    const text = raw.trim();
    const line = index + 1;
    if (text === '') return;
    const event = eventOf(text, line, now + line, standing);
    const decision = decideEvent(state, event, rules);
    ({ state } = decision);
    for (const outcome of decision.outcomes) {
      if (outcome.kind === 'open') {
        for (const each of eventOpenings({ event, id: outcome.id, typeName: event.eventType }, now, options)) outcomes.push(shown(line, each));
        state = alarmOpened(state, outcome.id, 'tried');
      }
      if (outcome.kind === 'changed') outcomes.push({ ok: true, line, title: `${outcome.alarm.name} ${TOLD[outcome.change] ?? ''}`, keys: [], facts: { alarm: outcome.alarm.activation } });
      else if (outcome.kind === 'passed') outcomes.push({ ok: false, line, message: `This ${PASSED[outcome.reason] ?? 'opens no case'}.` });
    }
  });
  return outcomes;
}

function eventOf(text: string, line: number, at: number, standing: Map<string, Standing>): OpcUaEvent {
  const common = { eventId: `${line}`.padStart(4, '0'), source: 'i=2253', at, fields: {} };
  const [, kind, level, rest = ''] = EVENT.exec(text) ?? [];
  if (kind !== undefined) {
    const scan = kind.toLowerCase() === 'scan';
    return {
      ...common, eventType: scan ? 'AutoIdScanEventType' : 'BaseEventType', sourceName: '', severity: Number(level ?? 500), message: scan ? '' : rest,
      ...(scan ? { fields: { ScanResult: [{ ScanData: { String: `${level === undefined ? '' : `${level} `}${rest}`.trim() } }] } } : {}),
    };
  }
  const [, name, said, severity, message = ''] = ALARM.exec(text) ?? [];
  if (name === undefined || said === undefined) throw new RangeError(`Line ${line} is no event; write it like Line Jam = active 700, event = 300 belt worn, or scan = (00)340123450000000017.`);
  const before = standing.get(name) ?? { active: false, acknowledged: true, confirmed: true };
  const is = said.toLowerCase();
  const now: Standing = is === 'active' ? { active: true, acknowledged: false, confirmed: false }
    : is === 'inactive' ? { ...before, active: false } : is === 'acknowledged' ? { ...before, acknowledged: true } : { ...before, acknowledged: true, confirmed: true };
  standing.set(name, now);
  const [, sourceName = '', condition = name] = /^(.+)\s(\S+)$/.exec(name) ?? [];
  return {
    ...common, eventType: 'AlarmConditionType', sourceName, severity: Number(severity ?? 500), message,
    condition: { id: name, name: condition, branch: '', retain: true, enabled: true, comment: '', ...now },
  };
}
