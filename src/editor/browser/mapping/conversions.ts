import { CONVERSION_KINDS, currencyCodes, NAMED_FORMATS, ROUNDINGS, UNITS } from '../../../governance/gate/rules/mapping.ts';
import type { Conversion, ConversionKind, Operand } from '../../../governance/gate/rules/mapping.ts';
import { button, choice, field, move, textInput, tool } from '../cards/parts.ts';
import { text } from './texts.ts';

interface Edited { [key: string]: unknown; kind: ConversionKind }

export interface ConversionsOptions {
  /** Code lists that there are, `name@version`. */
  readonly lists: readonly { readonly id: string; readonly title: string }[];
  /** The place of the source that is looked at now, as the row would write it; undefined when there is none. */
  readonly chosen: () => string | undefined;
  readonly changed: (conversions: readonly Conversion[]) => void;
}

const DEFAULTS: Readonly<Record<ConversionKind, object>> = {
  'trim': {}, 'upper': {}, 'lower': {}, 'decimal': { mark: ',', grouping: '.' }, 'unit': { from: '', to: '' }, 'packaging': { gtin: { at: '' }, to: 'base-units' },
  'minor-units': { currency: '', to: 'major' }, 'round': { places: 3, mode: 'half-up' }, 'date': { format: 'YYYYMMDD', as: 'date' }, 'format-date': { format: 'YYYYMMDD' }, 'codes': { list: '', to: 'central' }, 'boolean': { yes: ['true'], no: ['false'] },
};

let suggestions = 0;

/** An input with suggestions of the browser. */
function suggesting(input: JQuery, offers: readonly (readonly [value: string, name: string])[]): JQuery {
  const id = `waybill-map-offers-${suggestions += 1}`;
  const list = $('<datalist>').attr('id', id).append(offers.map(([value, name]) => $('<option>').val(value).text(name)));
  return $('<span class="waybill-map-offered">').append(input.attr('list', id), list);
}

const units = (): readonly (readonly [string, string])[] => [...UNITS.values()].map(({ code, name, dimension }) => [code, `${name} (${dimension})`] as const);
const zones = (): readonly string[] => {
  const known = (Intl as { supportedValuesOf?: (key: string) => string[] }).supportedValuesOf?.('timeZone') ?? [];
  return known.includes('UTC') ? known : ['UTC', ...known];
};

/** The conversions of a row, as cards one below the other; each is told at once when it changes. */
export function drawConversions(target: JQuery, given: readonly Conversion[], options: ConversionsOptions): void {
  const list = given.map((each) => ({ ...each }) as unknown as Edited);
  const box = $('<div class="waybill-map-conversions">').appendTo(target);
  const tell = (): void => { options.changed(list as unknown as readonly Conversion[]); };

  function draw(focus?: number): void {
    box.empty();
    list.forEach((conversion, index) => {
      const card = $('<div class="waybill-map-conversion">').appendTo(box);
      const what = text(`conversion.${conversion.kind}`);
      card.append($('<div class="waybill-map-conversion-head">').append($('<b>').text(what),
        $('<span class="waybill-mx-tools">').append(
          tool('fa-arrow-up', text('conversion.up', { what }), () => { move(list, index, -1); tell(); draw(index - 1); }, index === 0),
          tool('fa-arrow-down', text('conversion.down', { what }), () => { move(list, index, 1); tell(); draw(index + 1); }, index === list.length - 1),
          tool('fa-trash', text('conversion.remove', { what }), () => { list.splice(index, 1); tell(); draw(); box.parent().find('.waybill-map-add-conversion').trigger('focus'); }),
        )));
      const line = $('<div class="waybill-mx-line">').appendTo(card);
      line.append(...fieldsOf(conversion, options, tell, () => { draw(index); }));
      if (line.children().length === 0) line.remove();
    });
    if (focus !== undefined) box.children().eq(focus).find('input, select, button').first().trigger('focus');
  }

  const add = choice([['', text('conversion.add')], ...CONVERSION_KINDS.map((kind) => [kind, text(`conversion.${kind}`)] as const)], '', (kind) => {
    if (kind === '') return;
    add.val('');
    list.push(structuredClone({ kind, ...DEFAULTS[kind as ConversionKind] }) as unknown as Edited);
    tell();
    draw(list.length - 1);
  }).addClass('waybill-map-add-conversion').attr('aria-label', text('conversion.add'));
  target.append(add);
  draw();
}

function fieldsOf(conversion: Edited, options: ConversionsOptions, tell: () => void, again: () => void): readonly JQuery[] {
  const set = (key: string) => (value: unknown): void => {
    if (value === '') delete conversion[key];
    else conversion[key] = value;
    tell();
  };
  const keep = (key: string) => (value: unknown): void => { conversion[key] = value; tell(); };
  const said = (key: string): string => String(conversion[key] ?? '');
  const label = (key: string): string => text(`conversion.field.${key}`);
  const choose = (key: string, values: readonly string[]): JQuery => field(label(key), choice(values.map((each) => [each, text(`conversion.value.${each}`)] as const), said(key), keep(key)));
  const zone = (): JQuery => field(label('zone'), suggesting(textInput(said('zone'), set('zone'), 'Europe/Berlin'), zones().map((each) => [each, ''] as const)));
  const format = (): JQuery => field(label('format'), suggesting(textInput(said('format'), keep('format')), ['YYYYMMDD', 'YYYY-MM-DD', 'DD.MM.YYYY', 'MM/DD/YYYY', 'YYYYMMDDHHmmss', 'YYYYMMDD HHmm', ...NAMED_FORMATS].map((each) => [each, ''] as const)));
  switch (conversion.kind) {
    case 'decimal': return [field(label('mark'), choice([[',', '1250,5'], ['.', '1250.5']], said('mark'), keep('mark'))), field(label('grouping'), textInput(said('grouping'), set('grouping')), 'slim')];
    case 'round': return [
      field(label('places'), $('<input type="number" min="0" max="12">').val(said('places')).on('input change', (event) => { keep('places')(Number((event.target as HTMLInputElement).value)); }), 'slim'),
      choose('mode', ROUNDINGS),
    ];
    case 'unit': return [operand('from', conversion, options, tell, again, units()), operand('to', conversion, options, tell, again, units())];
    case 'packaging': return [operand('gtin', conversion, options, tell, again, []), choose('to', ['base-units', 'packages'])];
    case 'minor-units': return [operand('currency', conversion, options, tell, again, currencyCodes().map((each) => [each, ''] as const)), choose('to', ['major', 'minor'])];
    case 'date': return [format(), zone(), choose('as', ['date', 'date-time'])];
    case 'format-date': return [format(), zone()];
    case 'codes': return [field(label('list'), choice([['', text('conversion.noList')], ...listChoices(options, said('list'))], said('list'), keep('list')), 'wide'), choose('to', ['central', 'site'])];
    case 'boolean': return (['yes', 'no'] as const).map((key) => field(label(key), textInput((conversion[key] as readonly string[]).join(', '), (value) => { keep(key)(value.split(',').map((each) => each.trim())); })));
    default: return [];
  }
}

/** Lists to choose from, with one that is named and not there. */
function listChoices({ lists }: ConversionsOptions, named: string): readonly (readonly [string, string])[] {
  const known = lists.map(({ id, title }) => [id, `${title} (${id})`] as const);
  return named === '' || known.some(([id]) => id === named) ? known : [...known, [named, named]];
}

/** A fixed value, or a place of the source with the code list that translates what stands there. */
function operand(key: string, conversion: Edited, options: ConversionsOptions, tell: () => void, again: () => void, offers: readonly (readonly [string, string])[]): JQuery {
  const value = conversion[key] as Operand;
  const isPlace = typeof value !== 'string';
  const put = (next: Operand): void => { conversion[key] = next; tell(); };
  const name = text(`conversion.field.${key}`);
  const box = $('<fieldset class="waybill-map-operand">').append($('<legend>').text(name));
  box.append(choice([['fixed', text('operand.fixed')], ['place', text('operand.place')]], isPlace ? 'place' : 'fixed', (kind) => {
    put(kind === 'fixed' ? '' : { at: options.chosen() ?? '' });
    again();
  }).attr('aria-label', name));
  if (typeof value === 'string') {
    const input = textInput(value, put).attr('aria-label', name);
    return box.append(offers.length === 0 ? input : suggesting(input, offers));
  }
  const input = textInput(value.at, (at) => { put({ ...(conversion[key] as object), at }); }, '/Unit').attr('aria-label', text('operand.place'));
  box.append($('<span class="waybill-map-place">').append(input, button('fa-hand-o-left', text('rule.take'), () => {
    const chosen = options.chosen();
    if (chosen === undefined) return;
    input.val(chosen).trigger('change');
  })));
  return box.append(choice([['', text('operand.asItIs')], ...listChoices(options, value.list ?? '')], value.list ?? '', (list) => {
    const { at } = conversion[key] as { readonly at: string };
    put(list === '' ? { at } : { at, list });
  }).attr('aria-label', text('operand.list')));
}
