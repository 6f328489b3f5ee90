import { button, facts, tool } from '../cards/parts.ts';
import { JSON_POINTER } from '../value-forms.ts';
import type { ChosenOperation, Field, OperationEntry, SetDetail } from './answers.ts';
import { text } from './texts.ts';

const OPERATORS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'contains', 'startswith', 'in'] as const;
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;

interface Condition { readonly property: JQuery; readonly operator: JQuery; readonly from: JQuery; readonly row: JQuery }

export const cell = (name: string, input: JQuery): JQuery => $('<label class="waybill-odata-cell">').append($('<span>').text(name), input);

const option = (value: string, name = value): JQuery => $('<option>').val(value).text(name);

/** `PurchaseOrders` → `purchaseOrders`; a part of a name that an operation gets. */
const plain = (name: string): string => name.slice(name.lastIndexOf('.') + 1).replace(/[^A-Za-z0-9]/g, '');

/** What an operation with an entity set, or a call of an action or function, is to be; a button adds it to the draft. */
export class OperationPanel {
  readonly element = $('<section class="waybill-odata-operation">').attr('aria-label', text('operation'));
  readonly #add: (chosen: ChosenOperation) => string | undefined;
  readonly #problem = $('<div class="waybill-wrong" role="alert">');

  /** @param add gives a sentence where it cannot be added */
  constructor(add: (chosen: ChosenOperation) => string | undefined) {
    this.#add = add;
    this.element.append($('<div class="waybill-hint">').text(text('pick')));
  }

  showProblem(said: string): void {
    this.element.empty().append($('<div class="waybill-wrong" role="alert">').text(said));
  }

  showOperation(operation: OperationEntry): void {
    const binding = { do: 'call', operation: operation.name, ...(operation.entitySet === undefined ? {} : { entitySet: operation.entitySet }) };
    this.element.empty().append(
      $('<h4>').text(operation.label),
      facts([[text('kindName'), text(`kind.${operation.kind}`)], [text('name'), operation.name], [text('set'), operation.entitySet ?? '']]),
      $('<h5>').text(text('parameters')), operation.parameters.length === 0 ? $('<div class="waybill-hint">').text(text('noParameters')) : table([text('name'), text('type'), text('given')], operation.parameters.map((each) => [each.name, shortType(each.type), text(each.required ? 'required' : 'optional')])),
      this.#adding(plain(operation.name), () => binding, () => ''),
    );
  }

  showSet(set: SetDetail): void {
    const doing = $('<select>').append(set.can.map((each) => option(each, text(`do.${each}`))));
    const key = $('<select>').append(option('', text('keyNone')), ...set.properties.filter(({ type, computed, maxLength }) => type === 'Edm.String' && !computed && (maxLength === undefined || maxLength >= 8)).map(({ name, maxLength }) => option(name, maxLength === undefined ? name : text('keyLength', { name, count: maxLength }))));
    const ticks = new Map(set.properties.map(({ name }): [string, JQuery] => [name, $('<input type="checkbox">').prop('checked', true)]));
    const expand = set.navigation.map(({ name, entitySet, list }) => ({ name, box: $('<input type="checkbox">'), said: `${name}${entitySet === undefined ? '' : ` (${entitySet}${list ? ' …' : ''})`}` }));
    const conditions: Condition[] = [];
    const list = $('<div>');
    const top = $('<input type="text" inputmode="numeric">');
    const order = $('<select>').append(option('', text('orderNone')), ...set.properties.map(({ name }) => option(name)));
    const addCondition = (): void => {
      const condition: Condition = {
        property: $('<select>').attr('aria-label', text('property')).append(set.properties.filter(({ filterable }) => filterable).map(({ name }) => option(name))), operator: $('<select>').attr('aria-label', text('operator')).append(OPERATORS.map((each) => option(each, text(`operator.${each}`)))),
        from: $('<input type="text" spellcheck="false">').attr('aria-label', text('from')), row: $('<div class="waybill-odata-row">'),
      };
      const follow = (): void => { condition.from.val(`/${String(condition.property.val())}`); };
      condition.property.on('change', follow);
      follow();
      condition.row.append(condition.property, condition.operator, condition.from, tool('fa-trash', text('remove'), () => {
        condition.row.remove();
        conditions.splice(conditions.indexOf(condition), 1);
      }));
      conditions.push(condition);
      list.append(condition.row);
    };
    const reading = $('<div>').append($('<h5>').text(text('expand')), expand.length === 0 ? $('<div class="waybill-hint">').text(text('expandNone')) : $('<div class="waybill-odata-ticks">').append(expand.map(({ box, said }) => $('<label>').append(box, $('<span>').text(said)))));
    const querying = $('<div>').append($('<h5>').text(text('filter')), $('<div class="waybill-hint">').text(text('filterHint')), list, button('fa-plus', text('addCondition'), addCondition), $('<div class="waybill-odata-head">').append(cell(text('order'), order), cell(text('top'), top)));
    const creating = $('<div>').append($('<h5>').text(text('keyTitle')), cell(text('key'), key), $('<div class="waybill-hint">').text(text('keyHint')), ...(set.navigation.length === 0 ? [] : [$('<div class="waybill-hint">').text(text('deep', { names: set.navigation.map(({ name }) => name).join(', ') }))]));
    const changing = $('<div class="waybill-hint">').text(text(set.etag ? 'etagNeeded' : 'etagNone'));
    const name = this.#adding('', () => this.#binding(set, String(doing.val()), ticks, expand, conditions, String(order.val() ?? ''), String(top.val() ?? '').trim()), () => (doing.val() === 'create' ? String(key.val() ?? '') : ''), () => `${String(doing.val())}${set.name.charAt(0).toUpperCase()}${plain(set.name).slice(1)}`);
    const show = (): void => {
      const does = String(doing.val());
      reading.toggle(does === 'read' || does === 'query');
      querying.toggle(does === 'query');
      creating.toggle(does === 'create');
      changing.toggle(does === 'update' || does === 'delete');
      for (const box of ticks.values()) box.prop('disabled', does !== 'read' && does !== 'query');
      name.trigger('waybill:named');
    };
    this.element.empty().append(
      $('<h4>').text(set.label === set.name ? set.name : `${set.label} (${set.name})`),
      $('<div class="waybill-odata-head">').append(cell(text('doing'), doing)), changing,
      $('<h5>').text(text('fields', { count: set.properties.length })), this.#fields(set, ticks), reading, querying, creating, name,
    );
    doing.on('change', show);
    show();
  }

  #fields({ properties, key }: SetDetail, ticks: ReadonlyMap<string, JQuery>): JQuery {
    const row = (field: Field): JQuery => $('<tr>').append(
      $('<td>').append($('<label>').append(ticks.get(field.name) ?? '', $('<span>').toggleClass('waybill-odata-key', key.includes(field.name)).text(field.name))),
      $('<td class="waybill-odata-label">').text(field.label === field.name ? '' : field.label),
      $('<td>').text(`${shortType(field.type)}${field.maxLength === undefined ? '' : ` ${field.maxLength}`}${field.scale === undefined ? '' : ` .${field.scale}`}`),
      $('<td>').text([...(key.includes(field.name) ? [text('isKey')] : []), ...(field.computed ? [text('computed')] : field.required ? [text('required')] : field.nullable ? [text('nullable')] : [])].join(', ')),
    );
    return $('<div class="waybill-odata-table" tabindex="0" role="region">').attr('aria-label', text('fieldsTable')).append($('<table>').append(
      $('<thead>').append($('<tr>').append($('<th>').text(text('field')), $('<th class="waybill-odata-label">').text(text('label')), $('<th>').text(text('type')), $('<th>').text(text('rule')))), $('<tbody>').append(properties.map(row)),
    ));
  }

  #binding(set: SetDetail, does: string, ticks: ReadonlyMap<string, JQuery>, expand: readonly { readonly name: string; readonly box: JQuery }[], conditions: readonly Condition[], order: string, top: string): Readonly<Record<string, unknown>> | string {
    if (does !== 'read' && does !== 'query') return { do: does, entitySet: set.name };
    const selected = [...ticks].filter(([, box]) => box.prop('checked') === true).map(([name]) => name);
    if (selected.length === 0) return text('selectSome');
    const expanded = expand.filter(({ box }) => box.prop('checked') === true).map(({ name }) => name);
    const shape = { ...(selected.length === set.properties.length ? {} : { select: [...new Set([...set.key, ...selected])] }), ...(expanded.length === 0 ? {} : { expand: expanded }) };
    if (does === 'read') return { do: does, entitySet: set.name, ...shape };
    if (top !== '' && !/^[1-9]\d{0,6}$/.test(top)) return text('topWrong');
    const filters = conditions.map(({ property, operator, from }) => ({ property: String(property.val()), ...(operator.val() === 'eq' ? {} : { operator: String(operator.val()) }), from: String(from.val() ?? '').trim() }));
    if (filters.some(({ from }) => from === '' || !JSON_POINTER.test(from))) return text('fromWrong');
    return { do: does, entitySet: set.name, ...shape, ...(filters.length === 0 ? {} : { filter: filters.length === 1 ? filters[0] : { all: filters } }), ...(order === '' ? {} : { orderBy: [order] }), ...(top === '' ? {} : { top: Number(top) }) };
  }

  /** Name of the operation and the button that adds it. */
  #adding(name: string, binding: () => Readonly<Record<string, unknown>> | string, key: () => string, named?: () => string): JQuery {
    const input = $('<input type="text" spellcheck="false" class="waybill-odata-name">').val(name);
    let typed = false;
    input.on('input', () => { typed = true; });
    const add = (): void => {
      const made = binding();
      const chosen = String(input.val() ?? '').trim();
      const problem = !NAME.test(chosen) ? text('nameWrong') : typeof made === 'string' ? made : this.#add({ name: chosen, binding: made, key: key() });
      this.#problem.text(problem ?? '');
    };
    this.#problem.text('');
    return $('<div>').append($('<h5>').text(text('called')), $('<div class="waybill-odata-row">').append(input.attr('aria-label', text('called')), button('fa-plus', text('add'), add)), this.#problem)
      .on('waybill:named', () => { if (!typed && named !== undefined) input.val(named()); });
  }
}

const shortType = (type: string): string => type.replace(/^list of /, '[] ').replace(/^(\[\] )?Edm\./, '$1').replace(/^(\[\] )?.*\.(\w+)$/, '$1$2');

function table(head: readonly string[], rows: readonly (readonly string[])[]): JQuery {
  return $('<div class="waybill-odata-table">').append($('<table>').append($('<thead>').append($('<tr>').append(head.map((each) => $('<th>').text(each)))), $('<tbody>').append(rows.map((row) => $('<tr>').append(row.map((each) => $('<td>').text(each)))))));
}
