import { entryTools } from '../../../src/editor/browser/cards/entry-tools.ts';
import { button, choice, field, textInput, tick } from '../../../src/editor/browser/cards/parts.ts';
import { CARD_STYLES } from '../../../src/editor/browser/cards/styles.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';
import { turnInto } from '../../../src/editor/browser/typed-inputs.ts';
import { WRITABLE_TYPES, writeProblems } from '../../../src/governance/gate/rules/plc-write.ts';
import type { PlcWrite } from '../../../src/governance/gate/rules/plc-write.ts';
import { browse, nodeIdInput } from './parts.ts';
import type { DraftValue } from './parts.ts';

const TYPES = ['facts', 'jsonata', 'msg', 'num', 'str', 'bool', 'env'] as const;

/** The values of the step in its dialog, one card each: a tag with its value, or an argument of the method. */
export class ValueCards {
  readonly #values: DraftValue[];
  readonly #text: Texts;
  readonly #forTags: () => boolean;
  readonly #cards = $('<div>');
  readonly #empty = $('<div class="waybill-mx-empty">');
  readonly #add: JQuery;
  #closers: (() => void)[] = [];

  constructor(host: JQuery, values: readonly PlcWrite[], text: Texts, forTags: () => boolean) {
    this.#values = structuredClone(values) as DraftValue[];
    this.#text = text;
    this.#forTags = forTags;
    this.#add = button('fa-plus', text('value.add'), () => {
      this.#values.push(newValue(`value-${this.#values.length + 1}`));
      this.draw();
      this.#cards.children().last().find('input').first().trigger('focus').trigger('select');
    });
    host.empty().addClass('waybill-matrix').append($('<style>').text(CARD_STYLES), this.#empty, this.#cards, this.#add);
    this.draw();
  }

  values(): readonly PlcWrite[] {
    return structuredClone(this.#values);
  }

  /** The arguments that a method says it takes. */
  take(names: readonly string[]): void {
    const known = new Map(this.#values.map((each) => [each.name, each]));
    this.#values.splice(0, this.#values.length, ...names.map((name) => known.get(name) ?? newValue(name)));
    this.draw();
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  draw(): void {
    this.close();
    this.#cards.empty();
    this.#values.forEach((value, index) => { this.#card(value, index); });
    this.#empty.text(this.#text(this.#forTags() ? 'value.empty' : 'value.none')).toggle(this.#values.length === 0);
    this.#check();
  }

  #check(): void {
    const problems = writeProblems(this.#values, this.#forTags());
    this.#cards.children().each((index, element) => {
      const mine = problems.filter(({ row }) => row === index);
      $(element).toggleClass('waybill-mx-wrong', mine.length > 0).children('.waybill-wrong').text(mine.map(({ code }) => this.#text(`problem.${code}`, { row: index + 1 })).join(' '));
    });
  }

  #set<T>(set: (value: T) => void): (value: T) => void {
    return (value) => {
      set(value);
      this.#check();
    };
  }

  #card(value: DraftValue, index: number): void {
    const t = this.#text;
    const forTags = this.#forTags();
    const name = t(forTags ? 'value.tag' : 'value.argument', { n: index + 1 });
    const card = $('<div class="waybill-mx-row" role="group">').attr('aria-label', name).appendTo(this.#cards);
    const nameInput = textInput(value.name, this.#set((text) => { value.name = text; }), 'lane');
    card.append($('<div class="waybill-mx-line">').append(
      field(t('value.name'), nameInput, 'wide'),
      field(t('value.type'), choice([['', t('value.asDeclared')], ...WRITABLE_TYPES.map((type) => [type, type] as const)], value.type, this.#set((type) => { value.type = type; })), 'wide'),
      entryTools({ list: this.#values, redraw: () => { this.draw(); }, entry: (place) => this.#cards.children().eq(place), otherwise: () => this.#add, ordered: true }, index, name),
    ));
    if (forTags) this.#nodeId(card, value, index, nameInput);
    this.#value(card, value, forTags);
    card.append($('<div class="waybill-mx-line">').append(
      field(t('value.least'), textInput(value.least, this.#set((text) => { value.least = text; }), '…')),
      field(t('value.most'), textInput(value.most, this.#set((text) => { value.most = text; }), '…')),
      field(t('value.allowed'), textInput(value.allowed, this.#set((text) => { value.allowed = text; }), '1, 2, 3'), 'wide'),
      field(t('value.maxLength'), textInput(value.maxLength === 0 ? '' : String(value.maxLength), this.#set((text) => { value.maxLength = text === '' ? 0 : Number(text); }), '…'), 'slim'),
    ));
    if (forTags) {
      card.append($('<div class="waybill-mx-line">').append(
        tick(t('value.readBack'), value.readBack, this.#set((ticked) => { value.readBack = ticked; })),
        field(t('value.tolerance'), textInput(value.tolerance, this.#set((text) => { value.tolerance = text; }), '0')),
      ));
    }
    card.append($('<div class="waybill-wrong" role="status" aria-live="polite">'));
  }

  #nodeId(card: JQuery, value: DraftValue, index: number, nameInput: JQuery): void {
    const input = nodeIdInput(value.nodeId, this.#set((text) => { value.nodeId = text; }));
    card.append($('<div class="waybill-mx-cell waybill-mx-tag">').append($('<span>').text(this.#text('value.nodeId')), input.attr('aria-label', this.#text('value.nodeId'))));
    this.#closers.push(browse(input, 'variable', ({ name, dataType, detail: { euRange } }) => {
      if (/^value-\d+$/.test(value.name)) nameInput.val(name).trigger('change');
      // What the controller says of its own range is a good beginning.
      if (euRange !== undefined && value.least === '' && value.most === '') Object.assign(value, { least: String(euRange.low), most: String(euRange.high) });
      if (WRITABLE_TYPES.includes(dataType)) value.type = dataType;
      this.draw();
      this.#cards.children().eq(index).find('.waybill-tag-field input').first().trigger('focus');
    }));
  }

  #value(card: JQuery, value: DraftValue, forTags: boolean): void {
    const t = this.#text;
    // an argument's key is nothing that a tag could have
    if (forTags && value.valueType === 'key') value.valueType = 'facts';
    const takesKey = value.valueType === 'key';
    const input = $('<input type="text" style="width: 100%">').val(value.value);
    const type = $('<input type="hidden">').val(takesKey ? 'facts' : value.valueType);
    const cell = $('<div class="waybill-mx-cell waybill-mx-tag">').append($('<span>').text(t('value.value')), input, type).toggle(!takesKey).appendTo(card);
    turnInto(input, TYPES, type);
    input.on('change', () => {
      if (value.valueType === 'key') return;
      value.value = String(input.typedInput('value'));
      value.valueType = String(input.typedInput('type'));
      this.#check();
    });
    if (forTags) return;
    card.append($('<div class="waybill-mx-line">').append(tick(t('value.key'), takesKey, (ticked) => {
      value.valueType = ticked ? 'key' : String(type.val());
      cell.toggle(!ticked);
      this.#check();
    })));
  }
}

function newValue(name: string): DraftValue {
  return { name, nodeId: '', type: '', value: '', valueType: 'facts', least: '', most: '', allowed: '', maxLength: 0, readBack: true, tolerance: '' };
}
