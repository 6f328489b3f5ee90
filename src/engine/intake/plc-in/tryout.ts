import type { Json } from '../../../domain/json.ts';
import type { BusinessKey } from '../../../domain/envelope.ts';
import { plcOpening, telegramOpening, TriggerSet, troubleText, type PlcOpening, type PlcOpeningOptions, type SetOutcome, type Telegram } from '../../../intake/opcua/index.ts';
import type { PlcInNodeConfig } from './mode.ts';
import { tryEvents } from './events-tryout.ts';
import { eventOptions } from './values.ts';

/** What came of one line, counted from 1. */
export type TriedOutcome =
  | { readonly ok: true; readonly line: number; readonly title: string; readonly keys: readonly BusinessKey[]; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly line: number; readonly message: string };

const MOST_LINES = 500;
const MOST_SHOWN = 50;
/** Longest wait of one line. */
const LONGEST_MS = 86_400_000;

/** What pasted values would become at a node with this configuration, which was checked; nothing is recorded. */
export function tryPasted(config: PlcInNodeConfig, opening: PlcOpeningOptions, text: string, now: number): readonly TriedOutcome[] {
  const lines = text.split(/\r?\n/);
  if (lines.length > MOST_LINES) throw new RangeError(`${lines.length} lines are too many to try; take ${MOST_LINES} at most.`);
  const outcomes = config.mode === 'handshake' ? tryTelegrams(config, opening, lines, now) : config.mode === 'events' ? tryEvents(config, opening, lines, now) : tryValues(config, opening, lines, now);
  return outcomes.slice(0, MOST_SHOWN);
}

function tryValues(config: PlcInNodeConfig, opening: PlcOpeningOptions, lines: readonly string[], now: number): TriedOutcome[] {
  const names = config.tags.map(({ name }) => name);
  const triggers = new TriggerSet(config.triggers, names);
  const options = eventOptions(config, opening);
  const outcomes: TriedOutcome[] = [];
  const became = (line: number, found: readonly SetOutcome[]): void => {
    for (const outcome of found) {
      outcomes.push(outcome.kind === 'fired' ? shown(line, plcOpening(outcome, 'tried', now, options)) : { ok: false, line, message: troubleText(outcome) });
    }
  };
  let at = now;
  lines.forEach((raw, index) => {
    const line = index + 1;
    const text = raw.trim();
    if (text === '') return;
    const waited = waitOf(text);
    if (waited !== undefined) {
      const until = at + waited;
      for (let next = triggers.wakeAt(); next !== undefined && next <= until; next = triggers.wakeAt()) {
        became(line, triggers.tick(next));
        if (triggers.wakeAt() === next) break;
      }
      at = until;
      became(line, triggers.tick(at));
      return;
    }
    at += 1;
    const given = valuesOf(text, line);
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      outcomes.push({ ok: false, line, message: `There is no tag "${unknown}" in this form.` });
      return;
    }
    became(line, triggers.take(Object.entries(given).map(([tag, value]) => ({ tag, value, good: true, at, receivedAt: at }))));
  });
  return outcomes;
}

function tryTelegrams({ tags }: PlcInNodeConfig, opening: PlcOpeningOptions, lines: readonly string[], now: number): TriedOutcome[] {
  const outcomes: TriedOutcome[] = [];
  let pending: { [name: string]: Json } = {};
  const end = (line: number): void => {
    if (Object.keys(pending).length > 0) outcomes.push(triedTelegram(pending, tags.map(({ name }) => name), opening, line, now));
    pending = {};
  };
  lines.forEach((raw, index) => {
    const text = raw.trim();
    if (text === '' || text.startsWith('{')) end(index);
    if (text !== '') pending = { ...pending, ...valuesOf(text, index + 1) };
    if (text.startsWith('{')) end(index + 1);
  });
  end(lines.length);
  return outcomes;
}

function triedTelegram(given: Readonly<Record<string, Json>>, names: readonly string[], opening: PlcOpeningOptions, line: number, now: number): TriedOutcome {
  const { sequence, handlingUnit = '', position = '', ...rest } = given;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0) return { ok: false, line, message: 'The sequence number is no whole number; write it like sequence = 41.' };
  const unknown = Object.keys(rest).find((name) => !names.includes(name));
  if (unknown !== undefined) return { ok: false, line, message: `There is no tag "${unknown}" in this form.` };
  const telegram: Telegram = { sequence, handlingUnit: String(handlingUnit).trim(), position: String(position).trim(), facts: rest, unusable: names.filter((name) => !(name in rest)), at: now, id: 'tried' };
  return shown(line, telegramOpening(telegram, now, opening));
}

export function shown(line: number, { title, keys, message }: PlcOpening): TriedOutcome {
  return { ok: true, line, title, keys, facts: message.payload };
}

/** `+ 2 s`, `+500 ms`, `+10`: so much time goes by, in ms. */
function waitOf(text: string): number | undefined {
  const [, number, unit = 's'] = /^\+\s*(\d+(?:\.\d+)?)\s*(ms|s|min)?$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.min(LONGEST_MS, Number(number) * (unit === 'ms' ? 1 : unit === 'min' ? 60_000 : 1_000));
}

/** `jam = true`, or several as JSON. */
function valuesOf(text: string, line: number): Readonly<Record<string, Json>> {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as Readonly<Record<string, Json>>;
    } catch {
      throw new RangeError(`Line ${line} is no valid JSON.`);
    }
  }
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new RangeError(`Line ${line} is neither a value such as jam = true, nor JSON, nor a time such as + 2 s.`);
  return { [name.trim()]: valueOf(value.trim()) };
}

function valueOf(text: string): Json {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (text === 'NaN') return Number.NaN;
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  const [, quoted] = /^"(.*)"$/s.exec(text) ?? [];
  return quoted ?? text;
}
