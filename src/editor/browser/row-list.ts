import type { Texts } from './texts.ts';

/** A column of a list: its property, which names its text `column.<property>`, and what else its input has. */
export interface Column {
  readonly property: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

type Row = Readonly<Record<string, string>>;

/** Turns an `<ol>` into a list of rows with labelled fields that can be added and removed; tells every change. */
export function openRowList(list: JQuery, columns: readonly Column[], rows: readonly object[], text: Texts, changed: () => void = () => undefined): void {
  list.css({ 'min-height': '40px' }).editableList<Row>({
    height: 'auto',
    removable: true,
    removeItem: changed,
    addItem: (cell, _index, data) => {
      cell.addClass('waybill-dates');
      columns.forEach(({ property, attributes = {} }) => {
        const label = $('<label>').text(text(`column.${property}`)).appendTo(cell);
        $('<input>').attr({ 'type': 'text', 'data-property': property, ...attributes }).val(data[property] ?? '').on('change input', changed).appendTo(label);
      });
    },
  });
  (rows as readonly Row[]).forEach((row) => {
    list.editableList('addItem', row);
  });
}

/** The rows as they stand, without those in which nothing is. */
export function readRowList<T extends object>(list: JQuery, columns: readonly Column[]): T[] {
  return list.editableList('items').toArray().map((item) => Object.fromEntries(columns.map(({ property }) => [
    property, String($(item).find(`[data-property="${property}"]`).val() ?? '').trim(),
  ]))).filter((row) => Object.values(row).some((value) => value !== '')) as T[];
}
