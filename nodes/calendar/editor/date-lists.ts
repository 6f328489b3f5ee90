import { textsOf } from '../../../src/editor/browser/texts.ts';

const text = textsOf('calendar');

/** A column of a list of dates: its property, and what the browser offers to enter. */
export interface Column { readonly property: string; readonly kind: 'date' | 'time' | 'text' }

export const CLOSURE_COLUMNS: readonly Column[] = [
  { property: 'from', kind: 'date' }, { property: 'to', kind: 'date' }, { property: 'start', kind: 'time' }, { property: 'end', kind: 'time' }, { property: 'name', kind: 'text' },
];
export const OPENING_COLUMNS: readonly Column[] = [
  { property: 'date', kind: 'date' }, { property: 'from', kind: 'time' }, { property: 'to', kind: 'time' }, { property: 'name', kind: 'text' },
];

type Row = Readonly<Record<string, string>>;

/** Turns an `<ol>` into a list of dates with times and a name. */
export function openDateList(list: JQuery, columns: readonly Column[], rows: readonly object[], changed: () => void): void {
  list.css({ 'min-height': '40px' }).editableList<Row>({
    height: 'auto',
    removable: true,
    removeItem: changed,
    addItem: (cell, _index, data) => {
      cell.addClass('waybill-dates');
      columns.forEach(({ property, kind }) => {
        const label = $('<label>').text(text(`column.${property}`)).appendTo(cell);
        // 24:00 is a time here and none for a time field of a browser.
        $('<input>').attr({ 'type': kind === 'date' ? 'date' : 'text', 'data-property': property, 'placeholder': kind === 'time' ? 'HH:MM' : '' })
          .val(data[property] ?? '').on('change input', changed).appendTo(label);
      });
    },
  });
  (rows as readonly Row[]).forEach((row) => {
    list.editableList('addItem', row);
  });
}

/** The rows as they stand, without those in which nothing is. */
export function readDateList<T extends object>(list: JQuery, columns: readonly Column[]): T[] {
  return list.editableList('items').toArray().map((item) => Object.fromEntries(columns.map(({ property }) => [
    property, String($(item).find(`[data-property="${property}"]`).val() ?? '').trim(),
  ]))).filter((row) => Object.values(row).some((value) => value !== '')) as T[];
}
