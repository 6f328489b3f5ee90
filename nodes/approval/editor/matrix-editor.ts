import type { Texts } from '../../../src/editor/browser/texts.ts';
import { matrixProblems } from '../../../src/governance/gate/rules/approval-matrix.ts';
import type { ApprovalMatrix, MatrixCondition, MatrixLevel, MatrixOperator, MatrixProblem, MatrixQuorum, MatrixRow } from '../../../src/governance/gate/rules/approval-matrix.ts';
import { problemText } from './problem-text.ts';
import { button, choice, field, numberInput, pair, textInput, tick } from '../../../src/editor/browser/cards/parts.ts';
import { entryTools, type Listed } from '../../../src/editor/browser/cards/entry-tools.ts';
import { CARD_STYLES } from '../../../src/editor/browser/cards/styles.ts';

type Draft<T> = T extends readonly (infer E)[] ? Draft<E>[] : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T;
type DraftMatrix = Draft<ApprovalMatrix>;
type DraftRow = Draft<MatrixRow>;
type DraftLevel = Draft<MatrixLevel>;

const OPERATORS: readonly MatrixOperator[] = ['=', '!=', 'in', '<', '<=', '>', '>=', 'exists', 'missing'];
const MOST_PEOPLE = 10;

/** The approval matrix in the dialog. Buttons do everything, so that it works by mouse, by touch and by keyboard. */
export class MatrixEditor {
  readonly #matrix: DraftMatrix;
  readonly #text: Texts;
  readonly #hasCalendar: () => boolean;
  readonly #settings = $('<div>');
  readonly #rows = $('<div>');
  readonly #rates = $('<div>');
  readonly #add: JQuery;
  readonly #empty = $('<div class="waybill-mx-empty">');
  /** Levels of rows that were ticked to approve by themselves, for when the tick is taken away again. */
  readonly #asked = new WeakMap<DraftRow, DraftLevel[]>();
  readonly #wrong = $('<div class="waybill-wrong" role="status" aria-live="polite">');

  constructor(host: JQuery, matrix: ApprovalMatrix, text: Texts, hasCalendar: () => boolean) {
    this.#matrix = structuredClone(matrix) as DraftMatrix;
    this.#text = text;
    this.#hasCalendar = hasCalendar;
    this.#add = this.#addRow();
    host.empty().addClass('waybill-matrix').append($('<style>').text(CARD_STYLES), this.#settings, this.#wrong, this.#empty.text(text('matrix.empty')), this.#rows, this.#add, $('<div class="waybill-hint">').text(text('matrix.levelHint')), this.#rates);
    this.#draw();
  }

  matrix(): ApprovalMatrix {
    return this.#matrix as ApprovalMatrix;
  }

  /** Gives a matrix without rows its first one. */
  begin(): void {
    if (this.#matrix.rows.length > 0) return;
    this.#matrix.rows.push(this.#newRow());
    this.#draw();
  }

  /** Looks again, for example because a calendar was chosen. */
  check(): void {
    const problems = matrixProblems(this.matrix(), { hasCalendar: this.#hasCalendar() });
    const say = (list: readonly MatrixProblem[]): string => list.map((each) => problemText(each, this.matrix(), this.#text)).join(' ');
    this.#wrong.text(say(problems.filter((each) => each.row === undefined && each.rate === undefined)));
    this.#rates.find('.waybill-wrong').text(say(problems.filter((each) => each.rate !== undefined)));
    this.#rows.children().each((index, element) => {
      const mine = problems.filter((each) => each.row === index || each.other === index);
      $(element).toggleClass('waybill-mx-wrong', mine.length > 0).children('.waybill-wrong').text(say(mine));
    });
  }

  #draw(): void {
    this.#settings.empty().append(...this.#general());
    this.#rows.empty().append(...this.#matrix.rows.map((row, index) => this.#row(row, index)));
    this.#rates.empty().append(...this.#rateList());
    this.#empty.toggle(this.#matrix.rows.length === 0);
    this.check();
  }

  #change<T>(set: (value: T) => void): (value: T) => void {
    return (value) => {
      set(value);
      this.check();
    };
  }

  #general(): JQuery[] {
    const m = this.#matrix;
    const { cumulative } = m;
    const t = this.#text;
    return [
      $('<div class="waybill-mx-line">').append(
        field(t('matrix.hit'), choice([['unique', t('matrix.unique')], ['first', t('matrix.first')]], m.hit, this.#change((value) => { m.hit = value as DraftMatrix['hit']; })), 'wide'),
        field(t('matrix.order'), choice([['sequence', t('matrix.sequence')], ['parallel', t('matrix.parallel')]], m.order, this.#change((value) => { m.order = value as DraftMatrix['order']; })), 'wide'),
      ),
      $('<div class="waybill-mx-line">').append(
        field(t('matrix.amount'), textInput(m.amount, this.#change((value) => { m.amount = value; }), 'order.total'), 'wide'),
        field(t('matrix.currency'), textInput(m.currency, this.#change((value) => { m.currency = value; }), 'order.currency'), 'wide'),
        field(t('matrix.base'), textInput(m.base, this.#change((value) => { m.base = value.toUpperCase(); }), 'EUR'), 'slim'),
      ),
      $('<div class="waybill-mx-line">').append(
        field(t('matrix.sumKeys'), textInput(cumulative.keys, this.#change((value) => { cumulative.keys = value; }), 'order.requester, order.supplier'), 'wide'),
        field(t('matrix.sumDays'), numberInput(cumulative.days, this.#change((value) => { cumulative.days = value; })), 'slim'),
        field(t('matrix.sumScope'), textInput(cumulative.scope, this.#change((value) => { cumulative.scope = value; }), 'purchases')),
      ),
      $('<div class="waybill-hint">').text(t('matrix.sumHint')),
    ];
  }

  #newRow(): DraftRow {
    return { id: `row-${this.#matrix.rows.length + 1}`, from: this.#matrix.rows.at(-1)?.to ?? '', to: '', conditions: [], auto: false, levels: [newLevel()] };
  }

  #addRow(): JQuery {
    return button('fa-plus', this.#text('matrix.addRow'), () => {
      this.#matrix.rows.push(this.#newRow());
      this.#draw();
      this.#rows.children().last().find('input').first().trigger('focus').trigger('select');
    });
  }

  #listed<T>(list: T[], entry: (place: number) => JQuery, otherwise: () => JQuery, ordered = true): Listed<T> {
    return { list, redraw: () => { this.#draw(); }, entry, otherwise, ordered };
  }

  #cardOf(row: DraftRow): JQuery {
    return this.#rows.children().eq(this.#matrix.rows.indexOf(row));
  }

  #row(row: DraftRow, index: number): JQuery {
    const t = this.#text;
    const name = t('matrix.row', { n: index + 1 });
    const card = $('<div class="waybill-mx-row" role="group">').attr('aria-label', name);
    card.append($('<div class="waybill-mx-line">').append(
      field(t('matrix.rowId'), textInput(row.id, this.#change((value) => { row.id = value; }), 'large-orders'), 'wide'),
      field(t('matrix.from'), textInput(row.from, this.#change((value) => { row.from = value; }), '0')),
      field(t('matrix.to'), textInput(row.to, this.#change((value) => { row.to = value; }), '…')),
      entryTools(this.#listed(this.#matrix.rows, (place) => this.#rows.children().eq(place), () => this.#add), index, name),
    ));
    card.append(...row.conditions.map((condition, place) => this.#condition(row, condition, place)));
    card.append($('<div class="waybill-mx-line waybill-mx-actions">').append(
      button('fa-filter', t('matrix.addCondition'), () => {
        row.conditions.push({ path: '', operator: '=', value: '' });
        this.#draw();
        this.#cardOf(row).find('.waybill-mx-condition').last().find('input').first().trigger('focus');
      }).addClass('waybill-mx-add-condition'),
      tick(t('matrix.auto'), row.auto, (value) => {
        if (value) this.#asked.set(row, row.levels);
        row.auto = value;
        row.levels = value ? [] : this.#asked.get(row) ?? [newLevel()];
        this.#draw();
        this.#cardOf(row).find('.waybill-mx-auto input').trigger('focus');
      }).addClass('waybill-mx-auto'),
    ));
    if (!row.auto) {
      card.append(...row.levels.map((level, place) => this.#level(row, level, place)), button('fa-plus', t('matrix.addLevel'), () => {
        row.levels.push(newLevel());
        this.#draw();
        this.#cardOf(row).find('.waybill-mx-level').last().find('input').first().trigger('focus');
      }).addClass('waybill-mx-add-level'));
    }
    return card.append($('<div class="waybill-wrong" role="status" aria-live="polite">'));
  }

  #condition(row: DraftRow, condition: Draft<MatrixCondition>, place: number): JQuery {
    const t = this.#text;
    const value = textInput(condition.value, this.#change((text) => { condition.value = text; }));
    const needsValue = (): void => { value.prop('disabled', condition.operator === 'exists' || condition.operator === 'missing'); };
    const line = $('<div class="waybill-mx-line waybill-mx-condition">').append(
      field(t('matrix.path'), textInput(condition.path, this.#change((text) => { condition.path = text; }), 'order.category'), 'wide'),
      field(t('matrix.operator'), choice(OPERATORS.map((each) => [each, t(`matrix.op.${OPERATORS.indexOf(each)}`)] as const), condition.operator, this.#change((text) => {
        condition.operator = text as MatrixOperator;
        needsValue();
      }))),
      field(t('matrix.value'), value, 'wide'),
      entryTools(this.#listed(row.conditions, (at) => this.#cardOf(row).find('.waybill-mx-condition').eq(at), () => this.#cardOf(row).find('.waybill-mx-add-condition'), false), place, t('matrix.condition', { n: place + 1 })),
    );
    needsValue();
    return line;
  }

  #level(row: DraftRow, level: DraftLevel, place: number): JQuery {
    const t = this.#text;
    const name = t('matrix.level', { n: place + 1 });
    const many = [...Array.from({ length: Math.max(MOST_PEOPLE, typeof level.quorum === 'number' ? level.quorum : 1) }, (_, n) => [String(n + 1), String(n + 1)] as const), ['any', t('matrix.any')] as const, ['all', t('matrix.all')] as const];
    return $('<div class="waybill-mx-part waybill-mx-level" role="group">').attr('aria-label', name).append(
      $('<div class="waybill-mx-line">').append($('<span class="waybill-mx-head">').text(name), entryTools(this.#listed(row.levels, (at) => this.#cardOf(row).find('.waybill-mx-level').eq(at), () => this.#cardOf(row).find('.waybill-mx-add-level')), place, name)),
      $('<div class="waybill-mx-line">').append(
        field(t('label.role'), textInput(level.role, this.#change((value) => { level.role = value; }), 'finance'), 'wide'),
        field(t('label.quorum'), choice(many, String(level.quorum), this.#change((value) => { level.quorum = (value === 'any' || value === 'all' ? value : Number(value)) as MatrixQuorum; }))),
        pair(t('label.deadline'), numberInput(level.deadline, this.#change((value) => { level.deadline = value; })),
          choice((['minutes', 'hours', 'days'] as const).map((unit) => [unit, t(`unit.${unit}`)] as const), level.deadlineUnit, this.#change((value) => { level.deadlineUnit = value as DraftLevel['deadlineUnit']; })), t('label.deadlineUnit')),
        field(t('label.onExpiry'), choice([['reject', t('option.onExpiry.reject')], ['expire', t('option.onExpiry.expire')]], level.onExpiry, this.#change((value) => { level.onExpiry = value as DraftLevel['onExpiry']; })), 'wide'),
        field(t('matrix.hold'), numberInput(level.hold, this.#change((value) => { level.hold = value; })), 'slim'),
        tick(t('label.working'), level.working, this.#change((value) => { level.working = value; })),
      ),
    );
  }

  #rateList(): JQuery[] {
    const t = this.#text;
    const { rates } = this.#matrix;
    return [
      $('<div class="waybill-mx-head">').text(t('matrix.rates')),
      ...rates.map((rate, index) => $('<div class="waybill-mx-line waybill-mx-rate">').append(
        field(t('matrix.rateCurrency'), textInput(rate.currency, this.#change((value) => { rate.currency = value.toUpperCase(); }), 'USD'), 'slim'),
        field(t('matrix.rate'), textInput(rate.rate, this.#change((value) => { rate.rate = value; }), '0.92')),
        field(t('matrix.rateFrom'), textInput(rate.from, this.#change((value) => { rate.from = value; }), '2026-01-01')),
        entryTools(this.#listed(rates, (at) => this.#rates.children('.waybill-mx-rate').eq(at), () => this.#rates.children('button'), false), index, t('matrix.rateRow', { n: index + 1 })),
      )),
      button('fa-plus', t('matrix.addRate'), () => {
        rates.push({ currency: '', rate: '', from: '' });
        this.#draw();
        this.#rates.find('input').eq(-3).trigger('focus');
      }),
      $('<div class="waybill-hint">').text(t('matrix.rateHint')),
      $('<div class="waybill-wrong" role="status" aria-live="polite">'),
    ];
  }
}

function newLevel(): DraftLevel {
  return { role: '', quorum: 1, deadline: 24, deadlineUnit: 'hours', working: false, onExpiry: 'reject', hold: 0 };
}
