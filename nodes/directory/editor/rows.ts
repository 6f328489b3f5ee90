import { textsOf } from '../../../src/editor/browser/texts.ts';

const text = textsOf('directory');

/** A column of a list: its property, and the id of the `<datalist>` that offers values. */
export interface Column { readonly property: string; readonly offers?: string; readonly placeholder?: string }

type Row = Readonly<Record<string, string>>;

/** Turns an `<ol>` into a list of rows with labelled text fields. */
export function openRows(list: JQuery, columns: readonly Column[], rows: readonly object[]): void {
  list.css({ 'min-height': '40px' }).editableList<Row>({
    height: 'auto',
    removable: true,
    addItem: (cell, _index, data) => {
      cell.addClass('waybill-dates');
      columns.forEach(({ property, offers, placeholder = '' }) => {
        const label = $('<label>').text(text(`column.${property}`)).appendTo(cell);
        $('<input type="text" autocomplete="off">').attr({ 'data-property': property, placeholder, ...(offers === undefined ? {} : { list: offers }) }).val(data[property] ?? '').appendTo(label);
      });
    },
  });
  (rows as readonly Row[]).forEach((row) => {
    list.editableList('addItem', row);
  });
}

/** The rows as they stand, without those in which nothing is. */
export function readRows<T extends object>(list: JQuery, columns: readonly Column[]): T[] {
  return list.editableList('items').toArray().map((item) => Object.fromEntries(columns.map(({ property }) => [
    property, String($(item).find(`[data-property="${property}"]`).val() ?? '').trim(),
  ]))).filter((row) => Object.values(row).some((value) => value !== '')) as T[];
}
