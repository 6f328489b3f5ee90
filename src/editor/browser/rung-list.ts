import { ENVIRONMENT_VARIABLE } from './value-forms.ts';

/** A rung of an escalation ladder as its row in the dialog has it. */
export interface RungRow {
  readonly value: string | number; readonly unit: string; readonly working: boolean; readonly action: string;
  readonly role: string; readonly code: string; readonly queue: string; readonly severity: string;
}

export interface RungListOptions {
  readonly rows: readonly RungRow[];
  /** A text of the node's catalogue. */
  readonly text: (key: string) => string;
}

const ACTIONS = ['remind', 'notify', 'reassign', 'raise', 'reject', 'exception'] as const;
const UNITS = ['minutes', 'hours', 'days'] as const;
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const blank: RungRow = { value: 4, unit: 'hours', working: false, action: 'remind', role: '', code: '', queue: '', severity: 'high' };

function choice(name: string, values: readonly string[], chosen: string, label: string, say: (value: string) => string): JQuery {
  const select = $('<select>').addClass(`waybill-rung-${name}`).attr('aria-label', label);
  for (const value of values) $('<option>').val(value).text(say(value)).appendTo(select);
  return select.val(chosen);
}

function field(name: string, value: string, label: string): JQuery {
  return $('<input type="text">').addClass(`waybill-rung-${name}`).attr({ 'aria-label': label, placeholder: label }).css({ flex: '1 1 120px', width: 'auto', 'min-width': '80px' }).val(value);
}

/** Shows what the chosen action needs, and nothing else. */
function fit(row: JQuery): void {
  const action = String(row.find('.waybill-rung-action').val());
  row.find('.waybill-rung-role').toggle(action === 'notify' || action === 'reassign' || action === 'raise');
  row.find('.waybill-rung-code, .waybill-rung-queue, .waybill-rung-severity').toggle(action === 'exception');
}

/** Turns an `<ol>` into a list of rungs that can be added, removed and put in order. */
export function openRungList(list: JQuery, { rows, text }: RungListOptions): void {
  list.css({ 'min-height': '120px' }).editableList<Partial<RungRow>>({
    height: 'auto', removable: true, sortable: true,
    addItem: (row, _index, data) => {
      const rung = { ...blank, ...data };
      row.addClass('waybill-rung').css({ display: 'flex', 'flex-wrap': 'wrap', gap: '6px', 'align-items': 'center' });
      $('<span>').text(text('rung.after')).appendTo(row);
      // A field for numbers shows nothing in the place of a parameter, and OK would store that.
      $(ENVIRONMENT_VARIABLE.test(String(rung.value)) ? '<input type="text">' : '<input type="number" min="0" step="any">').addClass('waybill-rung-value').attr('aria-label', text('rung.value')).css({ width: '70px' }).val(String(rung.value)).appendTo(row);
      choice('unit', UNITS, rung.unit, text('rung.unit'), (value) => text(`unit.${value}`)).css({ width: 'auto' }).appendTo(row);
      const working = $('<label>').css({ display: 'inline-flex', width: 'auto', margin: 0, gap: '4px', 'align-items': 'center' }).appendTo(row);
      $('<input type="checkbox">').addClass('waybill-rung-working').css({ width: 'auto', margin: 0 }).prop('checked', rung.working).appendTo(working);
      $('<span>').text(text('rung.working')).appendTo(working);
      choice('action', ACTIONS, rung.action, text('rung.action'), (value) => text(`action.${value}`)).css({ flex: '1 1 160px', width: 'auto' }).on('change', () => { fit(row); }).appendTo(row);
      field('role', rung.role, text('rung.role')).appendTo(row);
      field('code', rung.code, text('rung.code')).appendTo(row);
      field('queue', rung.queue, text('rung.queue')).appendTo(row);
      choice('severity', SEVERITIES, rung.severity, text('rung.severity'), (value) => text(`severity.${value}`)).css({ width: 'auto' }).appendTo(row);
      fit(row);
    },
  });
  rows.forEach((row) => { list.editableList('addItem', row); });
}

/** A number, the variable that stands for one, or blank for what is neither. */
function lengthOf(text: string): string | number {
  if (ENVIRONMENT_VARIABLE.test(text)) return text;
  return text === '' || !Number.isFinite(Number(text)) ? '' : Number(text);
}

/** The rungs as they stand in the dialog. */
export function readRungList(list: JQuery): RungRow[] {
  return list.editableList('items').toArray().map((item) => {
    const row = $(item);
    const read = (name: string): string => String(row.find(`.waybill-rung-${name}`).val() ?? '').trim();
    return {
      value: lengthOf(read('value')), unit: read('unit'), working: row.find('.waybill-rung-working').prop('checked') === true, action: read('action'),
      role: read('role'), code: read('code'), queue: read('queue'), severity: read('severity'),
    };
  });
}
