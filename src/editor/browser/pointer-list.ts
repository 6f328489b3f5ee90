/** Fields of a scan that a pointer can lead to, in the order in which they are offered. */
export const SCAN_FIELDS = [
  'code',
  'items',
  'id',
  'sequence',
  'device',
  'operator',
  'area',
  'station',
  'time',
  'po',
  'line',
  'quantity',
  'baseUnits',
  'deliveryNote',
  'final',
  'reverse',
] as const;

export interface PointerListTexts {
  /** What a person calls the field. */
  readonly field: (name: string) => string;
  readonly pointerPlaceholder: string;
}

interface Row {
  readonly field?: string;
  readonly pointer?: string;
}

const FIELD = '.waybill-pointer-field';
const POINTER = '.waybill-pointer-path';

/** Turns an `<ol>` into a list of *field of a scan → JSON pointer into the message*. */
export function openPointerList(list: JQuery, pointers: Readonly<Record<string, string>>, texts: PointerListTexts): void {
  list.css({ 'min-height': '60px' }).editableList<Row>({
    height: 'auto',
    removable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair');
      const select = $('<select>').addClass(`${FIELD.slice(1)} waybill-pair-name`).appendTo(row);
      SCAN_FIELDS.forEach((name) => {
        $('<option>').val(name).text(texts.field(name)).appendTo(select);
      });
      select.val(data.field ?? firstUnused(list));
      const cell = $('<div>').addClass('waybill-pair-cell').appendTo(row);
      $('<input type="text" style="width: 100%">')
        .addClass(POINTER.slice(1))
        .attr('placeholder', texts.pointerPlaceholder)
        .val(data.pointer ?? '')
        .appendTo(cell);
    },
  });
  Object.entries(pointers).forEach(([field, pointer]) => {
    list.editableList('addItem', { field, pointer });
  });
}

/** Field → pointer, without rows that have no pointer. Of two rows for one field the last counts. */
export function readPointerList(list: JQuery): Record<string, string> {
  return Object.fromEntries(
    rows(list)
      .map((row) => [String($(row).find(FIELD).val()), String($(row).find(POINTER).val() ?? '').trim()])
      .filter(([, pointer]) => pointer !== ''),
  ) as Record<string, string>;
}

function firstUnused(list: JQuery): string {
  const used = new Set(rows(list).map((row) => $(row).find(FIELD).val()));
  return SCAN_FIELDS.find((name) => !used.has(name)) ?? SCAN_FIELDS[0];
}

function rows(list: JQuery): HTMLElement[] {
  return list.editableList('items').toArray();
}
