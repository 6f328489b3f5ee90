import type { textsOf } from '../../../src/editor/browser/texts.ts';
import type { RetryRuleConfig } from '../migrations.ts';

type Texts = ReturnType<typeof textsOf>;

const kinds = ['status', 'error', 'expression'] as const;
const verdicts = ['permanent', 'transient'] as const;
const STATUS = /^\s*([1-5]xx|\d{3}(\s*-\s*\d{3})?)(\s*,\s*([1-5]xx|\d{3}(\s*-\s*\d{3})?))*\s*$/i;

function choice(className: string, values: readonly string[], value: string, label: (value: string) => string): JQuery {
  const select = $('<select>').addClass(className);
  for (const each of values) $('<option>').attr('value', each).text(label(each)).appendTo(select);
  return select.val(value);
}

/** Turns an `<ol>` into the list of rules, which can be added, removed and put in order. */
export function openRules(list: JQuery, rules: readonly RetryRuleConfig[], text: Texts): void {
  list.css({ 'min-height': '60px' }).editableList<Partial<RetryRuleConfig>>({
    height: 'auto', removable: true, sortable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-pair').css({ 'flex-wrap': 'wrap' });
      const match = $('<input type="text">').addClass('waybill-rule-match').val(data.match ?? '');
      const kind = choice('waybill-rule-kind', kinds, data.kind ?? 'status', (each) => text(`option.kind.${each}`));
      const show = (): void => { match.attr('placeholder', text(`placeholder.rule.${String(kind.val())}`)); };
      kind.on('change', show).appendTo(row);
      match.appendTo($('<div>').addClass('waybill-pair-cell waybill-rule-cell').appendTo(row));
      choice('waybill-rule-verdict', verdicts, data.verdict ?? 'permanent', (each) => text(`option.verdict.${each}`)).appendTo(row);
      show();
    },
  });
  for (const rule of rules) list.editableList('addItem', rule);
}

/** The rules as they stand, without those that look for nothing. */
export function readRules(list: JQuery): RetryRuleConfig[] {
  return list.editableList('items').toArray().map((row) => ({
    kind: String($(row).find('.waybill-rule-kind').val()) as RetryRuleConfig['kind'],
    match: String($(row).find('.waybill-rule-match').val() ?? '').trim(),
    verdict: String($(row).find('.waybill-rule-verdict').val()) as RetryRuleConfig['verdict'],
  })).filter(({ match }) => match !== '');
}

/** What is wrong with a rule; undefined when it can be read. */
function wrongIn({ kind, match }: RetryRuleConfig, text: Texts): string | undefined {
  if (kind === 'status') return STATUS.test(match) ? undefined : text('error.status', { match });
  if (kind === 'expression') {
    const verdict = RED.utils.validateTypedProperty(match, 'jsonata', {});
    return verdict === true ? undefined : text('error.expression', { match, reason: String(verdict) });
  }
  const [, pattern] = /^\/(.+)\/i?$/.exec(match) ?? [];
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return text('error.pattern', { match, reason: (error as Error).message });
  }
}

export function judgeRules(value: unknown, text: Texts): true | string {
  const rules = Array.isArray(value) ? value as readonly RetryRuleConfig[] : [];
  return rules.map((rule) => wrongIn(rule, text)).find((sentence) => sentence !== undefined) ?? true;
}
