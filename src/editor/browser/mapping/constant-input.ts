import { constantOf, currencyCodes, UNITS } from '../../../governance/gate/rules/mapping.ts';
import type { SchemaField } from '../../../governance/gate/rules/mapping.ts';
import { choice, textInput } from '../cards/parts.ts';
import type { EditedRow } from './rows.ts';
import { text } from './texts.ts';

type Constant = NonNullable<EditedRow['value']>;

export interface ConstantInputOptions {
  /** Name that is read out. */
  readonly label: string;
  /** What it holds; undefined for nothing. */
  readonly value: EditedRow['value'];
  /** Undefined when it was emptied, where that means nothing. */
  readonly changed: (value: EditedRow['value']) => void;
  /** Emptied it says nothing, and no empty text. */
  readonly mayBeEmpty?: boolean;
}

const DAY = /^(\d{4}-\d{2}-\d{2})?$/;

/** What a constant begins with: the only one that can be, what the schema presets, or nothing, for somebody to choose. */
export function firstConstant({ choices, preset }: SchemaField): Constant {
  if (choices?.length === 1) return (choices[0] ?? '') as Constant;
  return preset === undefined || preset === null ? '' : preset as Constant;
}

/** The input that the schema of a place asks for: a list of values, yes or no, a day, a number, a text, or JSON for groups and lists. */
export function constantInput(field: SchemaField, options: ConstantInputOptions): JQuery {
  const { label } = options;
  const kinds = field.types.filter((type) => type !== 'null');
  const only = (type: string): boolean => kinds.length === 1 && kinds[0] === type;
  const values = offersOf(field);
  if (values.length > 0) return chosen(values, options);
  const now = options.value === undefined ? '' : typeof options.value === 'string' ? options.value : JSON.stringify(options.value);
  const put = (said: string): void => { options.changed(said === '' && options.mayBeEmpty === true ? undefined : constantFor(field, said)); };
  if (only('object') || only('array')) {
    const area = $('<textarea class="waybill-pasted" rows="4" spellcheck="false">').attr({ 'aria-label': label, 'placeholder': only('array') ? '[ ]' : '{ }' }).val(typeof options.value === 'object' ? JSON.stringify(options.value, null, 1) : now);
    return area.on('input change', () => { put(String(area.val() ?? '').trim()); });
  }
  const input = textInput(now, put, placeholderOf(field)).attr('aria-label', label);
  if (field.decimal !== undefined || only('number')) return input.attr('inputmode', 'decimal');
  if (only('integer')) return input.attr('inputmode', 'numeric');
  // A browser shows nothing where a day is none, and what is wrong has to be seen.
  return field.format === 'date' && DAY.test(now) ? input.attr('type', 'date') : input;
}

/** What a place takes besides its kind, in a sentence; '' when there is nothing to say. */
export function roomText({ maxLength, minLength, pattern, minimum, maximum, example, format }: SchemaField): string {
  return [
    ...(minLength !== undefined && minLength > 1 ? [text('room.least', { count: minLength })] : []), ...(maxLength === undefined ? [] : [text('room.most', { count: maxLength })]),
    ...(minimum === undefined ? [] : [text('room.from', { value: minimum })]), ...(maximum === undefined ? [] : [text('room.to', { value: maximum })]),
    ...(format === undefined || format === 'decimal' ? [] : [text('room.format', { format })]), ...(pattern === undefined ? [] : [text('room.pattern', { pattern })]),
    ...(example === undefined || typeof example === 'object' ? [] : [text('room.example', { value: String(example) })]),
  ].join(' · ');
}

function offersOf({ choices, codes, types }: SchemaField): readonly (readonly [value: Constant | null, name: string])[] {
  if (choices !== undefined) return choices.map((each) => [each as Constant | null, each === null ? text('room.null') : typeof each === 'object' ? JSON.stringify(each) : String(each)] as const);
  if (codes === 'unece-rec-20') return [...UNITS.values()].map(({ code, name }) => [code, `${code} · ${name}`] as const);
  if (codes === 'iso-4217') return currencyCodes().map((each) => [each, each] as const);
  return types.includes('boolean') ? [[true, text('rule.yes')], [false, text('rule.no')]] : [];
}

/** A list of values; one that is none of them stays to be seen. */
function chosen(values: ReturnType<typeof offersOf>, { label, value, changed, mayBeEmpty }: ConstantInputOptions): JQuery {
  const now = value === undefined || value === '' ? '' : JSON.stringify(value);
  const offers = values.map(([each, name]) => [JSON.stringify(each), name] as const);
  const known = now === '' || offers.some(([each]) => each === now) ? [] : [[now, typeof value === 'string' ? value : now] as const];
  return choice([['', text(mayBeEmpty === true ? 'room.nothing' : 'room.choose')], ...offers, ...known], now, (said) => {
    changed(said !== '' ? JSON.parse(said) as Constant : mayBeEmpty === true ? undefined : '');
  }).attr('aria-label', label);
}

function placeholderOf({ format, decimal, types }: SchemaField): string {
  if (format === 'date') return '2026-03-02';
  if (format === 'date-time') return '2026-03-02T08:00:00Z';
  if (decimal !== undefined) return decimal.places === 0 ? '12' : '1250.00';
  return types.includes('integer') ? '12' : '';
}

/** What was typed, as the target takes it: text stays text where that is wanted, `0012` too. */
function constantFor(target: SchemaField, said: string): Constant {
  return target.types.length > 0 && target.types.every((type) => type === 'string' || type === 'null') ? said : constantOf(said) as Constant;
}
