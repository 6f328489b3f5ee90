interface Row { readonly name?: string; readonly metric?: string }

const NAME = '.waybill-fact-name';
const METRIC = '.waybill-fact-metric';

/** Turns an `<ol>` into a list of *fact of the case ← metric*. */
export function openFactList(list: JQuery, facts: Readonly<Record<string, string>>, placeholder: { readonly name: string; readonly metric: string }): void {
  list.css({ 'min-height': '60px' }).editableList<Row>({
    height: 'auto',
    removable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair');
      $('<input type="text">').addClass(`${NAME.slice(1)} waybill-pair-name`).attr({ 'placeholder': placeholder.name, 'aria-label': placeholder.name }).val(data.name ?? '').appendTo(row);
      const cell = $('<div>').addClass('waybill-pair-cell').appendTo(row);
      $('<input type="text" style="width: 100%">').addClass(METRIC.slice(1)).attr({ 'placeholder': placeholder.metric, 'aria-label': placeholder.metric }).val(data.metric ?? '').appendTo(cell);
    },
  });
  Object.entries(facts).forEach(([name, metric]) => { list.editableList('addItem', { name, metric }); });
}

/** Fact → metric, without rows that lack one of them. */
export function readFactList(list: JQuery): Record<string, string> {
  return Object.fromEntries(
    list.editableList('items').toArray()
      .map((row) => [String($(row).find(NAME).val() ?? '').trim(), String($(row).find(METRIC).val() ?? '').trim()])
      .filter(([name, metric]) => name !== '' && metric !== ''),
  ) as Record<string, string>;
}
