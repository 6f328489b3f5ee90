import { EXCEPTION_CODE } from '../../../src/editor/browser/value-forms.ts';
import type { PriorityRuleConfig, ResolutionConfig } from '../migrations.ts';

type Text = (key: string) => string;

const OUTCOMES = ['retry', 'continue', 'cancel'] as const;

function select(row: JQuery, name: string, label: string, options: readonly (readonly [value: string, text: string])[], chosen: string): JQuery {
  const field = $('<select>').addClass(`waybill-row-${name}`).attr('aria-label', label).appendTo(row);
  options.forEach(([value, shown]) => {
    $('<option>').val(value).text(shown).appendTo(field);
  });
  return field.val(chosen);
}

function input(row: JQuery, name: string, label: string, value: string): JQuery {
  return $('<input type="text">').addClass(`waybill-row-${name}`).attr({ 'aria-label': label, 'placeholder': label }).val(value).appendTo(row);
}

const valueOf = (row: HTMLElement, name: string): string => String($(row).find(`.waybill-row-${name}`).val() ?? '').trim();

/** Turns an `<ol>` into lines of *what · comparison · value → priority*; the first that fits counts. */
export function openRuleList(list: JQuery, rules: readonly PriorityRuleConfig[], text: Text): void {
  list.css({ 'min-height': '40px' }).editableList<Partial<PriorityRuleConfig>>({
    height: 'auto', removable: true, sortable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair').css({ 'flex-wrap': 'wrap' });
      const on = select(row, 'on', text('list.on'), (['amount', 'age', 'facts'] as const).map((each) => [each, text(`list.on_${each}`)]), data.on ?? 'amount');
      const path = input(row, 'path', text('list.path'), data.path ?? '').css({ flex: '1 1 90px', 'min-width': 0, width: '90px' });
      const op = select(row, 'op', text('list.op'), (['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'set'] as const).map((each) => [each, text(`list.op_${each}`)]), data.op ?? 'ge').css({ width: 'auto' });
      const value = input(row, 'value', text('list.value'), data.value ?? '').css({ flex: '1 1 60px', 'min-width': 0, width: '60px' });
      select(row, 'priority', text('list.priority'), [1, 2, 3, 4, 5].map((each) => [String(each), text(`list.priority_${each}`)]), String(data.priority ?? 2)).css({ width: 'auto' });
      on.css({ width: 'auto' });
      const show = (): void => {
        path.toggle(on.val() === 'facts');
        value.toggle(op.val() !== 'set');
      };
      on.on('change', show);
      op.on('change', show);
      show();
    },
  });
  rules.forEach((rule) => {
    list.editableList('addItem', rule);
  });
}

export function readRuleList(list: JQuery): PriorityRuleConfig[] {
  return list.editableList('items').toArray().map((row) => ({
    on: valueOf(row, 'on') as PriorityRuleConfig['on'], path: valueOf(row, 'path'), op: valueOf(row, 'op') as PriorityRuleConfig['op'], value: valueOf(row, 'value'), priority: Number(valueOf(row, 'priority')) as PriorityRuleConfig['priority'],
  }));
}

/** Turns an `<ol>` into lines of *code · what people read · needs a note · outcomes*. */
export function openCodeList(list: JQuery, codes: readonly ResolutionConfig[], text: Text): void {
  list.css({ 'min-height': '40px' }).editableList<Partial<ResolutionConfig>>({
    height: 'auto', removable: true, sortable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair').css({ 'flex-wrap': 'wrap' });
      input(row, 'code', text('list.code'), data.code ?? '').css({ flex: '1 1 90px', 'min-width': 0, width: '90px' });
      input(row, 'label', text('list.label'), data.label ?? '').css({ flex: '2 1 120px', 'min-width': 0, width: '120px' });
      const tick = (name: string, shown: string, ticked: boolean): void => {
        const label = $('<label>').css({ width: 'auto', margin: 0, 'white-space': 'nowrap' }).appendTo(row);
        $('<input type="checkbox">').css({ width: 'auto', margin: '0 4px 0 0' }).addClass(`waybill-row-${name}`).prop('checked', ticked).appendTo(label);
        $('<span>').text(shown).appendTo(label);
      };
      tick('reason', text('list.reason'), data.reason === true);
      OUTCOMES.forEach((outcome) => {
        tick(outcome, text(`list.outcome_${outcome}`), data.outcomes?.includes(outcome) === true);
      });
    },
  });
  codes.forEach((code) => {
    list.editableList('addItem', code);
  });
}

/** The lines as they stand, without those that say nothing at all. */
export function readCodeList(list: JQuery): ResolutionConfig[] {
  const ticked = (row: HTMLElement, name: string): boolean => $(row).find(`.waybill-row-${name}`).prop('checked') === true;
  // In the order in which they came: *Done* without a change must leave a signed template as it is.
  const given = (row: HTMLElement): readonly (typeof OUTCOMES)[number][] => ($(row).data('data') as Partial<ResolutionConfig> | undefined)?.outcomes ?? [];
  return list.editableList('items').toArray().map((row) => ({
    code: valueOf(row, 'code'), label: valueOf(row, 'label'), reason: ticked(row, 'reason'),
    outcomes: [...new Set([...given(row), ...OUTCOMES])].filter((outcome) => ticked(row, outcome)),
  })).filter(({ code, label }) => code !== '' || label !== '');
}

/** What is wrong with the codes, as key of a text and its values; undefined when nothing is. */
export function judgeCodes(codes: readonly ResolutionConfig[]): { readonly key: string; readonly values: Readonly<Record<string, string | number>> } | undefined {
  if (codes.length > 50) return { key: 'error.codesMany', values: { count: codes.length } };
  const seen = new Set<string>();
  for (const [index, { code }] of codes.entries()) {
    if (!EXCEPTION_CODE.test(code)) return { key: 'error.codeForm', values: { line: index + 1 } };
    if (seen.has(code)) return { key: 'error.codeTwice', values: { code } };
    seen.add(code);
  }
  return undefined;
}

/** What is wrong with the priorities. */
export function judgeRules(rules: readonly PriorityRuleConfig[]): { readonly key: string; readonly values: Readonly<Record<string, string | number>> } | undefined {
  for (const [index, { on, path, op, value }] of rules.entries()) {
    const values = { line: index + 1 };
    if (on === 'facts' && path === '') return { key: 'error.rulePath', values };
    const compared = on !== 'facts' || (op !== 'eq' && op !== 'ne');
    if (op !== 'set' && compared && !/^-?\d{1,12}(\.\d{1,6})?$/.test(value)) return { key: 'error.ruleNumber', values };
  }
  return undefined;
}
