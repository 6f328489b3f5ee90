import { TAG_OPERATORS, TRIGGER_KINDS, triggerProblems } from '../../governance/gate/rules/plc-trigger.ts';
import type { PlcTrigger, TagCondition, TagOperator, TriggerKind, TriggerProblem } from '../../governance/gate/rules/plc-trigger.ts';
import { entryTools } from './cards/entry-tools.ts';
import { button, choice, field, textInput, tick } from './cards/parts.ts';
import { CARD_STYLES } from './cards/styles.ts';
import { commonText } from './texts.ts';

type Draft<T> = T extends readonly (infer E)[] ? Draft<E>[] : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T;
type DraftTrigger = Draft<PlcTrigger>;

/** A mistake in the triggers, in one sentence that names its place. */
export function triggerProblemText({ code, trigger, row }: TriggerProblem, triggers: readonly PlcTrigger[]): string {
  return commonText(`trigger.problem.${code}`, { trigger: triggers[trigger]?.name || trigger + 1, row: (row ?? 0) + 1 });
}

/** The first mistake as a sentence, or true: what a validator of a form says. `tags` undefined judges no names. */
export function judgeTriggers(triggers: unknown, tags: readonly string[] | undefined): true | string {
  if (triggers === undefined || triggers === null) return true;
  if (!Array.isArray(triggers)) return commonText('trigger.problem.unreadable', { trigger: 1, row: 1 });
  const [first] = triggerProblems(triggers as PlcTrigger[], tags);
  return first === undefined ? true : triggerProblemText(first, triggers as PlcTrigger[]);
}

/** What stands in a row's field: true, false and numbers are meant as such, everything else, and what stands in quotes, is text. */
export function readTagValue(text: string): boolean | number | string {
  const plain = text.trim();
  if (/^(true|false)$/i.test(plain)) return plain.toLowerCase() === 'true';
  if (plain !== '' && Number.isFinite(Number(plain))) return Number(plain);
  const [, quoted] = /^"(.*)"$/s.exec(plain) ?? [];
  return quoted ?? plain;
}

/** The other way round. */
export function showTagValue(value: boolean | number | string): string {
  return typeof value === 'string' && (readTagValue(value) !== value || value.trim() !== value) ? `"${value}"` : String(value);
}

/** The triggers of a node in its dialog, one card each. Buttons do everything, so that it works by mouse, by touch and by keyboard. */
export class TriggerCards {
  readonly #triggers: DraftTrigger[];
  readonly #tags: () => readonly string[];
  readonly #cards = $('<div>');
  readonly #empty = $('<div class="waybill-mx-empty">');
  readonly #add: JQuery;

  constructor(host: JQuery, triggers: readonly PlcTrigger[], tags: () => readonly string[]) {
    this.#triggers = structuredClone(triggers) as DraftTrigger[];
    this.#tags = tags;
    this.#add = button('fa-plus', commonText('trigger.add'), () => {
      this.#triggers.push({ name: this.#freeName(), kind: 'rising', tag: this.#tags()[0] ?? '' });
      this.#draw();
      this.#cards.children().last().find('input').first().trigger('focus').trigger('select');
    });
    host.empty().addClass('waybill-matrix').append($('<style>').text(CARD_STYLES), this.#empty.text(commonText('trigger.empty')), this.#cards, this.#add);
    this.#draw();
  }

  triggers(): readonly PlcTrigger[] {
    return structuredClone(this.#triggers);
  }

  /** The events of a tag go with its name. */
  tagRenamed(from: string, to: string): void {
    for (const trigger of this.#triggers) {
      if (trigger.tag === from) trigger.tag = to;
      for (const row of trigger.conditions ?? []) if (row.tag === from) row.tag = to;
    }
  }

  /** Offers the tags as they are named now. */
  tagsChanged(): void {
    this.#draw();
  }

  #freeName(): string {
    const taken = new Set(this.#triggers.map(({ name }) => name));
    for (let n = 1; ; n++) if (!taken.has(`event-${n}`)) return `event-${n}`;
  }

  #draw(): void {
    this.#cards.empty().append(...this.#triggers.map((trigger, index) => this.#card(trigger, index)));
    this.#empty.toggle(this.#triggers.length === 0);
    this.#check();
  }

  #check(): void {
    const problems = triggerProblems(this.#triggers, this.#tags());
    this.#cards.children().each((index, element) => {
      const mine = problems.filter(({ trigger }) => trigger === index);
      $(element).toggleClass('waybill-mx-wrong', mine.length > 0).children('.waybill-wrong').text(mine.map((problem) => triggerProblemText(problem, this.#triggers)).join(' '));
    });
  }

  #set<T>(set: (value: T) => void, redraw = false): (value: T) => void {
    return (value) => {
      set(value);
      if (redraw) this.#draw();
      else this.#check();
    };
  }

  #card(trigger: DraftTrigger, index: number): JQuery {
    const name = commonText('trigger.one', { n: index + 1 });
    const card = $('<div class="waybill-mx-row" role="group">').attr('aria-label', name);
    const kinds = TRIGGER_KINDS.map((kind) => [kind, commonText(`trigger.kind.${kind}`)] as const);
    card.append($('<div class="waybill-mx-line">').append(
      field(commonText('trigger.name'), textInput(trigger.name, this.#set((value) => { trigger.name = value; }), 'jam'), 'wide'),
      field(commonText('trigger.when'), choice(kinds, trigger.kind, (kind) => {
        this.#become(trigger, kind as TriggerKind);
        this.#draw();
        this.#cards.children().eq(index).find('select').first().trigger('focus');
      }), 'wide'),
      entryTools({ list: this.#triggers, redraw: () => { this.#draw(); }, entry: (place) => this.#cards.children().eq(place), otherwise: () => this.#add, ordered: false }, index, name),
    ));
    card.append(trigger.kind === 'condition' ? this.#conditions(trigger, card) : this.#line(trigger));
    card.append(this.#times(trigger), $('<div class="waybill-wrong" role="status" aria-live="polite">'));
    return card;
  }

  #become(trigger: DraftTrigger, kind: TriggerKind): void {
    trigger.kind = kind;
    if (kind === 'condition') {
      trigger.conditions ??= [{ tag: trigger.tag ?? '', operator: '=', value: true }];
    } else {
      trigger.tag ??= trigger.conditions?.[0]?.tag ?? '';
    }
    if (kind === 'stable' && !((trigger.forMs ?? 0) > 0)) trigger.forMs = 1_000;
  }

  #tagChoice(value: string, changed: (tag: string) => void): JQuery {
    const tags = this.#tags();
    const shown = tags.includes(value) ? tags : [value, ...tags];
    return choice(shown.map((tag) => [tag, tag === '' ? commonText('trigger.noTag') : tag] as const), value, changed);
  }

  #line(trigger: DraftTrigger): JQuery {
    const line = $('<div class="waybill-mx-line">').append(field(commonText('trigger.tag'), this.#tagChoice(trigger.tag ?? '', this.#set((tag) => { trigger.tag = tag; })), 'wide'));
    if (trigger.kind === 'above' || trigger.kind === 'below') {
      line.append(
        field(commonText('trigger.limit'), numberField(trigger.limit, this.#set((value) => { assign(trigger, 'limit', value); }))),
        field(commonText('trigger.hysteresis'), numberField(trigger.hysteresis, this.#set((value) => { assign(trigger, 'hysteresis', value); }))),
      );
    }
    if (trigger.kind === 'change' || trigger.kind === 'stable') {
      line.append(field(commonText('trigger.deadband'), numberField(trigger.deadband, this.#set((value) => { assign(trigger, 'deadband', value); }))));
    }
    return line;
  }

  #conditions(trigger: DraftTrigger, card: JQuery): JQuery {
    const rows = trigger.conditions ??= [];
    const part = $('<div class="waybill-mx-part">');
    const entries = $('<div>');
    const add = button('fa-plus', commonText('trigger.addRow'), () => {
      rows.push({ tag: this.#tags()[0] ?? '', operator: '=', value: true });
      this.#draw();
      this.#cards.children().eq(this.#triggers.indexOf(trigger)).find('.waybill-mx-part > div').first().children().last().find('select').first().trigger('focus');
    });
    const match = choice([['all', commonText('trigger.all')], ['any', commonText('trigger.any')]], trigger.match ?? 'all', this.#set((value) => { trigger.match = value as 'all' | 'any'; }));
    entries.append(rows.map((row, at) => this.#condition(row, $('<div class="waybill-mx-line">'), () => entryTools({
      list: rows, redraw: () => { this.#draw(); }, ordered: false, otherwise: () => add,
      entry: (place) => this.#cards.children().eq(this.#triggers.indexOf(trigger)).find('.waybill-mx-part > div').first().children().eq(place),
    }, at, commonText('trigger.row', { n: at + 1 })))));
    return part.append(entries, $('<div class="waybill-mx-line waybill-mx-actions">').append(field(commonText('trigger.match'), match, 'wide'), add)).appendTo(card);
  }

  #condition(row: Draft<TagCondition>, line: JQuery, tools: () => JQuery): JQuery {
    return line.append(
      field(commonText('trigger.tag'), this.#tagChoice(row.tag, this.#set((tag) => { row.tag = tag; })), 'wide'),
      field(commonText('trigger.compare'), choice(TAG_OPERATORS.map((operator) => [operator, operator] as const), row.operator, this.#set((operator) => { row.operator = operator as TagOperator; })), 'slim'),
      field(commonText('trigger.value'), textInput(showTagValue(row.value), this.#set((text) => { row.value = readTagValue(text); }), 'true')),
      tools(),
    );
  }

  #times(trigger: DraftTrigger): JQuery {
    const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
    const inMs = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.round(value * 1_000));
    const lasts = trigger.kind === 'change' ? [] : [field(commonText('trigger.for'), numberField(seconds(trigger.forMs), this.#set((value) => { assign(trigger, 'forMs', inMs(value)); })))];
    return $('<div class="waybill-mx-line">').append(
      ...lasts,
      field(commonText('trigger.every'), numberField(seconds(trigger.everyMs), this.#set((value) => { assign(trigger, 'everyMs', inMs(value)); }))),
      tick(commonText('trigger.atStart'), trigger.atStart === true, this.#set((value) => { trigger.atStart = value; })),
    );
  }
}

/** A blank field is no value; a property that has none is not saved. */
function assign<K extends 'limit' | 'hysteresis' | 'deadband' | 'forMs' | 'everyMs'>(trigger: DraftTrigger, key: K, value: number | undefined): void {
  if (value === undefined) delete trigger[key];
  else trigger[key] = value;
}

function numberField(value: number | undefined, changed: (value: number | undefined) => void): JQuery {
  const input = $('<input type="number" step="any">').val(value === undefined || !Number.isFinite(value) ? '' : String(value));
  return input.on('input change', () => {
    const text = String(input.val() ?? '').trim();
    changed(text === '' ? undefined : Number(text));
  });
}
