import { textsOf } from '../texts.ts';

/** A secret that stands elsewhere, as the form has it. */
export interface OutsideSecret {
  readonly name: 'user' | 'password' | 'token' | 'apiKey' | 'clientId' | 'clientSecret';
  readonly value: string;
  readonly valueType: 'env' | 'file';
}

const NAMES: readonly OutsideSecret['name'][] = ['user', 'password', 'token', 'apiKey', 'clientId', 'clientSecret'];
const text = textsOf('system');

/** Rows that say which secret stands in which variable or file. */
export class SecretList {
  readonly #list: JQuery;

  constructor(list: JQuery, rows: readonly OutsideSecret[]) {
    this.#list = list;
    list.css({ 'min-height': '40px' }).editableList<Partial<OutsideSecret>>({
      height: 'auto', removable: true,
      addItem: (row, _index, data) => {
        row.addClass('waybill-pair').css('flex-wrap', 'wrap');
        $('<select class="waybill-secret-name">').attr('aria-label', text('secret.which')).append(NAMES.map((name) => $('<option>').val(name).text(text(`label.${name}`)))).val(data.name ?? 'password').appendTo(row);
        $('<select class="waybill-secret-from">').attr('aria-label', text('secret.from')).append((['env', 'file'] as const).map((from) => $('<option>').val(from).text(text(`secret.${from}`)))).val(data.valueType ?? 'env').appendTo(row);
        $('<input type="text" class="waybill-secret-value" spellcheck="false" style="flex: 1 1 150px; min-width: 0">').attr({ 'aria-label': text('secret.where'), 'placeholder': text('secret.where') }).val(data.value ?? '').appendTo(row);
      },
    });
    rows.forEach((row) => { list.editableList('addItem', row); });
  }

  /** Without those that say no place. */
  read(): OutsideSecret[] {
    return this.#list.editableList('items').toArray().map((row): OutsideSecret => ({
      name: NAMES.find((name) => name === $(row).find('.waybill-secret-name').val()) ?? 'password',
      value: String($(row).find('.waybill-secret-value').val() ?? '').trim(), valueType: $(row).find('.waybill-secret-from').val() === 'file' ? 'file' : 'env',
    })).filter(({ value }) => value !== '');
  }
}
