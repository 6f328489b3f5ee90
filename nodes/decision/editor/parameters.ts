import type { Texts } from '../../../src/editor/browser/texts.ts';
import type { ColumnType, Parameter, Table } from '../migrations.ts';
import { tool } from './columns.ts';

const TYPES: readonly ColumnType[] = ['number', 'string', 'boolean', 'date'];

/** The list of parameters. What belongs to the centre is shown and locked until somebody unlocks it. */
export function parameterList(table: Table, text: Texts, changed: (kind: 'value' | 'place') => void): JQuery {
  const list = $('<div class="waybill-parameters">');
  table.parameters.forEach((parameter, i) => {
    const locked = parameter.scope === 'central';
    const row = $('<div class="waybill-parameter">').appendTo(list);
    const input = (key: 'name' | 'value' | 'min' | 'max', disabled: boolean): JQuery =>
      $('<input type="text">').addClass(`waybill-parameter-${key}`).attr({ placeholder: text(`parameter.${key}`), 'aria-label': text(`parameter.${key}`) }).val(parameter[key]).prop('disabled', disabled)
        .on('input', function () {
          parameter[key] = String($(this).val());
          changed('value');
        });
    const types = $('<select>').attr('aria-label', text('column.type')).prop('disabled', locked);
    TYPES.forEach((type) => $('<option>').val(type).text(text(`type.${type}`)).appendTo(types));
    types.val(parameter.type).on('change', () => {
      parameter.type = String(types.val()) as Parameter['type'];
      changed('place');
    });
    row.append(input('name', locked), types, input('value', locked));
    if (parameter.type === 'number' || parameter.type === 'date') row.append(input('min', locked), input('max', locked));
    row.append(
      tool(locked ? 'fa-lock' : 'fa-unlock-alt', text(locked ? 'action.unlock' : 'action.lock'), () => {
        parameter.scope = locked ? 'site' : 'central';
        changed('place');
      }),
      tool('fa-trash', text('action.removeParameter'), () => {
        table.parameters.splice(i, 1);
        changed('place');
      }, locked),
    );
  });
  return list;
}
