import { turnInto } from './typed-inputs.ts';
import type { FieldType } from './typed-inputs.ts';

/** One row: a name, and a value of some type. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
  readonly valueType: string;
}

export interface PairListOptions {
  readonly namePlaceholder: string;
  readonly types: readonly FieldType[];
  readonly rows: readonly NamedValue[];
}

const NAME = '.waybill-pair-name';
const VALUE = '.waybill-pair-value';

/** Turns an `<ol>` into a list of name-and-value rows that can be added, removed and put in order. */
export function openPairList(list: JQuery, { namePlaceholder, types, rows }: PairListOptions): void {
  list.css({ 'min-height': '60px' }).editableList<Partial<NamedValue>>({
    height: 'auto',
    removable: true,
    sortable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair');
      $('<input type="text">').addClass(NAME.slice(1)).attr('placeholder', namePlaceholder).val(data.name ?? '').appendTo(row);
      const cell = $('<div>').addClass('waybill-pair-cell').appendTo(row);
      const value = $('<input type="text" style="width: 100%">').addClass(VALUE.slice(1)).val(data.value ?? '').appendTo(cell);
      turnInto(value, types);
      value.typedInput('type', data.valueType ?? types[0] ?? 'str');
    },
  });
  rows.forEach((row) => {
    list.editableList('addItem', row);
  });
}

/** The rows as they stand, without those that have no name. */
export function readPairList(list: JQuery): NamedValue[] {
  return list
    .editableList('items')
    .toArray()
    .map((row) => {
      const value = $(row).find(VALUE);
      return {
        name: String($(row).find(NAME).val() ?? '').trim(),
        value: value.typedInput('value'),
        valueType: String(value.typedInput('type')),
      };
    })
    .filter(({ name }) => name !== '');
}
