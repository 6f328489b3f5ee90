import { entryTools } from '../../../src/editor/browser/cards/entry-tools.ts';
import { button, choice, field, textInput } from '../../../src/editor/browser/cards/parts.ts';
import { CARD_STYLES } from '../../../src/editor/browser/cards/styles.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';
import { readTagValue, showTagValue } from '../../../src/editor/browser/trigger-cards.ts';
import { TAG_OPERATORS } from '../../../src/governance/gate/rules/plc-trigger.ts';
import type { TagCondition, TagOperator } from '../../../src/governance/gate/rules/plc-trigger.ts';
import { interlockProblems } from '../../../src/governance/gate/rules/plc-write.ts';
import { browse, nodeIdInput } from './parts.ts';
import type { DraftInterlock } from './parts.ts';

/** The conditions that have to hold before anything is given to the controller, one card each. */
export class InterlockCards {
  readonly #interlocks: DraftInterlock[];
  readonly #text: Texts;
  readonly #cards = $('<div>');
  readonly #add: JQuery;
  readonly #changed: (count: number) => void;
  #closers: (() => void)[] = [];

  constructor(host: JQuery, interlocks: readonly TagCondition[], text: Texts, changed: (count: number) => void) {
    this.#interlocks = structuredClone(interlocks) as DraftInterlock[];
    this.#text = text;
    this.#changed = changed;
    this.#add = button('fa-plus', text('interlock.add'), () => {
      this.#interlocks.push({ tag: '', operator: '=', value: true });
      this.#draw();
      this.#cards.children().last().find('input').first().trigger('focus');
    });
    host.empty().addClass('waybill-matrix').append($('<style>').text(CARD_STYLES), this.#cards, this.#add);
    this.#draw();
  }

  interlocks(): readonly TagCondition[] {
    return structuredClone(this.#interlocks);
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  #draw(): void {
    this.close();
    this.#cards.empty();
    this.#interlocks.forEach((interlock, index) => { this.#card(interlock, index); });
    this.#check();
    this.#changed(this.#interlocks.length);
  }

  #check(): void {
    const problems = interlockProblems(this.#interlocks);
    this.#cards.children().each((index, element) => {
      const mine = problems.filter(({ row }) => row === index);
      $(element).toggleClass('waybill-mx-wrong', mine.length > 0).children('.waybill-wrong').text(mine.map(({ code }) => this.#text(`problem.${code}`, { row: index + 1 })).join(' '));
    });
  }

  #card(interlock: DraftInterlock, index: number): void {
    const t = this.#text;
    const name = t('interlock.one', { n: index + 1 });
    const set = <T>(change: (value: T) => void) => (value: T): void => {
      change(value);
      this.#check();
    };
    const input = nodeIdInput(interlock.tag, set((text) => { interlock.tag = text; })).attr('aria-label', t('value.nodeId'));
    $('<div class="waybill-mx-row" role="group">').attr('aria-label', name).append(
      $('<div class="waybill-mx-cell waybill-mx-tag">').append($('<span>').text(t('value.nodeId')), input),
      $('<div class="waybill-mx-line">').append(
        field(t('interlock.is'), choice(TAG_OPERATORS.map((operator) => [operator, operator] as const), interlock.operator, set((operator) => { interlock.operator = operator as TagOperator; })), 'slim'),
        field(t('value.value'), textInput(showTagValue(interlock.value), set((text) => { interlock.value = readTagValue(text); }), 'true'), 'wide'),
        entryTools({ list: this.#interlocks, redraw: () => { this.#draw(); }, entry: (place) => this.#cards.children().eq(place), otherwise: () => this.#add, ordered: false }, index, name),
      ),
      $('<div class="waybill-wrong" role="status" aria-live="polite">'),
    ).appendTo(this.#cards);
    this.#closers.push(browse(input, 'variable', ({ nodeId }) => {
      interlock.tag = nodeId;
      this.#check();
    }));
  }
}
