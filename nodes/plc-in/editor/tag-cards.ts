import { entryTools } from '../../../src/editor/browser/cards/entry-tools.ts';
import { button, choice, field, numberInput, textInput } from '../../../src/editor/browser/cards/parts.ts';
import { CARD_STYLES } from '../../../src/editor/browser/cards/styles.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';
import { tagProblems } from '../../../src/governance/gate/rules/plc-tag.ts';
import type { PlcTag } from '../../../src/governance/gate/rules/plc-tag.ts';
import { browse, nodeIdInput } from './parts.ts';

type DraftTag = { -readonly [K in keyof PlcTag]: PlcTag[K] };

export interface TagCardsOptions {
  readonly text: Texts;
  /** Whether they are watched; else they are facts of a telegram, which is read whole. */
  readonly watched: () => boolean;
  /** A tag is called otherwise: what names it goes with it. Followed by `changed`. */
  readonly renamed: (from: string, to: string) => void;
  /** Names were changed, tags came or went. */
  readonly changed: () => void;
}

/** The tags of a node in its dialog, one card each. */
export class TagCards {
  readonly #tags: DraftTag[];
  readonly #options: TagCardsOptions;
  readonly #cards = $('<div>');
  readonly #empty = $('<div class="waybill-mx-empty">');
  readonly #add: JQuery;
  #closers: (() => void)[] = [];

  constructor(host: JQuery, tags: readonly PlcTag[], options: TagCardsOptions) {
    this.#tags = structuredClone(tags) as DraftTag[];
    this.#options = options;
    this.#add = button('fa-plus', options.text('tag.add'), () => {
      this.#tags.push({ name: this.#freeName(), nodeId: '', samplingMs: 250 });
      this.draw();
      this.#cards.children().last().find('button[aria-expanded]').first().trigger('focus').trigger('click');
    });
    host.empty().addClass('waybill-matrix').append($('<style>').text(CARD_STYLES), this.#empty, this.#cards, this.#add);
    this.draw();
  }

  tags(): readonly PlcTag[] {
    return structuredClone(this.#tags);
  }

  names(): readonly string[] {
    return this.#tags.map(({ name }) => name).filter((name) => name !== '');
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  draw(): void {
    this.close();
    this.#cards.empty();
    this.#tags.forEach((tag, index) => { this.#card(tag, index); });
    this.#empty.text(this.#options.text(this.#options.watched() ? 'tag.empty' : 'tag.none')).toggle(this.#tags.length === 0);
    this.#check();
    this.#options.changed();
  }

  #freeName(): string {
    const taken = new Set(this.names());
    for (let n = 1; ; n++) if (!taken.has(`tag-${n}`)) return `tag-${n}`;
  }

  #check(): void {
    const problems = tagProblems(this.#tags);
    this.#cards.children().each((index, element) => {
      const mine = problems.filter(({ row }) => row === index);
      $(element).toggleClass('waybill-mx-wrong', mine.length > 0).children('.waybill-wrong').text(mine.map(({ code }) => this.#options.text(`problem.${code}`, { row: index + 1 })).join(' '));
    });
  }

  #set<T>(set: (value: T) => void): (value: T) => void {
    return (value) => {
      set(value);
      this.#check();
    };
  }

  #card(tag: DraftTag, index: number): void {
    const t = this.#options.text;
    const name = t('tag.one', { n: index + 1 });
    const card = $('<div class="waybill-mx-row" role="group">').attr('aria-label', name).appendTo(this.#cards);
    let called = tag.name;
    // not while it is typed: half a name may be that of another tag
    const nameInput = textInput(tag.name, this.#set((text) => { tag.name = text; }), 'jam').on('change', () => {
      const unique = this.#tags.every((other) => other === tag || (other.name !== tag.name && other.name !== called));
      if (unique && tag.name !== '' && called !== '' && called !== tag.name) this.#options.renamed(called, tag.name);
      if (unique) called = tag.name;
      this.#options.changed();
    });
    const tools = entryTools({ list: this.#tags, redraw: () => { this.draw(); }, entry: (place) => this.#cards.children().eq(place), otherwise: () => this.#add, ordered: false }, index, name);
    card.append($('<div class="waybill-mx-line">').append(field(t('tag.name'), nameInput, 'wide'), ...(this.#options.watched() ? [this.#sampling(tag)] : []), tools));
    const input = nodeIdInput(tag.nodeId, this.#set((text) => { tag.nodeId = text; }));
    card.append($('<div class="waybill-mx-cell waybill-mx-tag">').append($('<span>').text(t('tag.nodeId')), input.attr('aria-label', t('tag.nodeId'))));
    this.#closers.push(browse(input, (picked) => {
      if (/^(tag-\d+)?$/.test(tag.name)) nameInput.val(this.#unlike(picked.name, tag)).trigger('change');
    }));
    if (this.#options.watched()) card.append(this.#deadband(tag));
    card.append($('<div class="waybill-wrong" role="status" aria-live="polite">'));
  }

  /** The name by which a server has it, unless another tag of the node is called so. */
  #unlike(name: string, tag: DraftTag): string {
    const plain = name.replace(/[{}]/g, '').slice(0, 60);
    const taken = new Set(this.#tags.filter((other) => other !== tag).map((other) => other.name));
    if (!taken.has(plain)) return plain;
    for (let n = 2; ; n++) if (!taken.has(`${plain} ${n}`)) return `${plain} ${n}`;
  }

  #sampling(tag: DraftTag): JQuery {
    return field(this.#options.text('tag.samplingMs'), numberInput(tag.samplingMs, this.#set((value) => { tag.samplingMs = value; })).attr('min', '0'));
  }

  #deadband(tag: DraftTag): JQuery {
    const t = this.#options.text;
    const line = $('<div class="waybill-mx-line">');
    const value = numberInput(tag.deadband?.value ?? 0, this.#set((number) => { if (tag.deadband !== undefined) tag.deadband = { ...tag.deadband, value: number }; }));
    const cell = field(t('tag.deadbandValue'), value).toggle(tag.deadband !== undefined);
    const kind = choice([['', t('tag.deadband.none')], ['absolute', t('tag.deadband.absolute')], ['percent', t('tag.deadband.percent')]], tag.deadband?.kind ?? '', this.#set((chosen) => {
      if (chosen === 'absolute' || chosen === 'percent') tag.deadband = { kind: chosen, value: Number(value.val()) || 0 };
      else delete tag.deadband;
      cell.toggle(tag.deadband !== undefined);
    }));
    return line.append(field(t('tag.deadband.label'), kind, 'wide'), cell);
  }
}
