import { isNeeded, mappingProblemText } from '../../../governance/gate/rules/mapping.ts';
import type { MappingProblem, SchemaField } from '../../../governance/gate/rules/mapping.ts';
import { button, field, textInput, tick } from '../cards/parts.ts';
import { constantInput, firstConstant, roomText } from './constant-input.ts';
import { drawConversions } from './conversions.ts';
import { absolutePlace, entryPlace, findRow, kindOf, makeRow, relativePlace, removeRow, SOURCES } from './rows.ts';
import type { EditedRow, SourceKind } from './rows.ts';
import { typeText } from './schema-tree.ts';
import { language, text } from './texts.ts';

export interface RulePanelOptions {
  readonly rows: EditedRow[];
  readonly target: () => SchemaField | undefined;
  readonly lists: () => readonly { readonly id: string; readonly title: string }[];
  /** Place of the source that is selected in its tree, from the top; '' for none. */
  readonly sourceFocused: () => string;
  readonly problems: () => readonly MappingProblem[];
  /** Something of the mapping changed. */
  readonly changed: () => void;
  /** The place of a rule's source, to be shown in the tree. */
  readonly reveal: (pointer: string) => void;
}

/** What gives one place of the target its value: the source, what is done with it, and what stands in where there is nothing. */
export class RulePanel {
  readonly element = $('<section class="waybill-map-rule waybill-matrix" aria-live="off">').attr('aria-label', text('rule.title'));
  readonly #options: RulePanelOptions;
  #field: SchemaField | undefined;
  #problems = $('<div>');

  constructor(options: RulePanelOptions) {
    this.#options = options;
    this.draw();
  }

  get field(): SchemaField | undefined {
    return this.#field;
  }

  show(target: SchemaField | undefined): void {
    this.#field = target;
    this.draw();
  }

  /** The sentences about the place, without drawing anything else. */
  refresh(): void {
    const field = this.#field;
    this.#problems.empty();
    if (field === undefined) return;
    const found = findRow(this.#options.rows, field.pointer);
    for (const problem of this.#options.problems()) {
      const here = found !== undefined && problem.row === found.path && problem.code !== 'required-unmapped' ? true : problem.at === field.pointer;
      if (here) $('<div role="status">').addClass(problem.warning === true ? 'waybill-hint waybill-map-warning' : 'waybill-wrong').text(mappingProblemText(problem, language())).appendTo(this.#problems);
    }
  }

  /** Takes a field of the source for the place that is shown. */
  take(source: SchemaField): void {
    const target = this.#field;
    if (target === undefined) return;
    const row = makeRow(this.#options.rows, target.pointer, source.pointer);
    const entry = entryPlace(this.#options.rows, target.pointer) ?? '';
    const place = relativePlace(source.pointer, entry);
    if (place === undefined) {
      if (kindOf(row) === undefined) removeRow(this.#options.rows, target.pointer);
      this.draw(text('rule.otherList', { field: source.pointer }));
      return;
    }
    const list = target.types.includes('array') && source.types.includes('array');
    for (const kind of SOURCES) delete row[kind];
    row[list ? 'each' : 'from'] = place;
    if (list) row.rows ??= target.entry !== undefined && target.entry.members.length === 0 ? [{ to: '', from: '' }] : [];
    this.#changed();
    this.draw();
  }

  draw(complaint = ''): void {
    const target = this.#field;
    const box = this.element.empty();
    if (target === undefined) {
      $('<div class="waybill-mx-empty">').text(text('rule.choose')).appendTo(box);
      return;
    }
    const root = this.#options.target();
    const needed = target.required || (root !== undefined && isNeeded(root, target.pointer));
    box.append(
      $('<div class="waybill-map-rule-head">').append($('<code>').text(target.pointer.replaceAll('/*', '[]')), $('<span class="waybill-tree-type">').text(typeText(target)), ...(needed ? [$('<span class="waybill-map-required">').text(text('tree.required'))] : [])),
      ...(target.description === undefined ? [] : [$('<div class="waybill-hint">').text(target.description)]),
    );
    const row = findRow(this.#options.rows, target.pointer)?.row;
    box.append(this.#sources(target, row));
    if (row !== undefined && kindOf(row) !== undefined) this.#drawRow(box, target, row);
    if (complaint !== '') $('<div class="waybill-wrong" role="alert">').text(complaint).appendTo(box);
    this.#problems = $('<div>').appendTo(box);
    this.refresh();
  }

  #changed(): void {
    this.#options.changed();
    this.refresh();
  }

  /** Which kind of source: one button each, the one that holds pressed. */
  #sources(target: SchemaField, row: EditedRow | undefined): JQuery {
    const isList = target.types.includes('array');
    const now = row === undefined ? undefined : kindOf(row);
    const kinds: readonly (SourceKind | 'none')[] = ['none', ...isList ? ['each' as const] : [], 'from', 'value', 'expression'];
    return $('<div class="waybill-map-kinds" role="group">').attr('aria-label', text('rule.source')).append(kinds.map((kind) => $('<button type="button" class="red-ui-button red-ui-button-small">')
      .attr('aria-pressed', String((now ?? 'none') === kind)).toggleClass('selected', (now ?? 'none') === kind).text(text(`rule.kind.${kind}`)).on('click', () => { this.#turnInto(target, kind); })));
  }

  #turnInto(target: SchemaField, kind: SourceKind | 'none'): void {
    if (kind === 'none') removeRow(this.#options.rows, target.pointer);
    else {
      const row = makeRow(this.#options.rows, target.pointer);
      const before = kindOf(row);
      if (before !== kind) {
        for (const each of SOURCES) delete row[each];
        if (kind === 'value') row.value = firstConstant(target);
        else if (kind === 'each') Object.assign(row, { each: this.#chosen() ?? '', rows: row.rows ?? [] });
        else row[kind] = kind === 'from' ? this.#chosen() ?? '' : '';
        if (kind !== 'each') delete row.rows;
      }
    }
    this.#changed();
    this.draw();
    this.element.find('.waybill-map-value').find('input, textarea, select').addBack('input, textarea, select').first().trigger('focus');
  }

  /** What is selected in the source, as a row of this place writes it. */
  #chosen(): string | undefined {
    const focused = this.#options.sourceFocused();
    const entry = this.#field === undefined ? undefined : entryPlace(this.#options.rows, this.#field.pointer);
    return focused === '' ? undefined : relativePlace(focused, entry ?? '');
  }

  #drawRow(box: JQuery, target: SchemaField, row: EditedRow): void {
    const kind = kindOf(row)!;
    $('<div class="waybill-map-value">').append(this.#value(kind, target, row)).appendTo(box);
    if (kind === 'each') {
      $('<div class="waybill-hint">').text(text('rule.eachHint')).appendTo(box);
      return;
    }
    if (kind !== 'value') {
      drawConversions($('<div>').appendTo(box), row.convert ?? [], {
        lists: this.#options.lists(), chosen: () => { const chosen = this.#chosen(); return chosen === row.from ? undefined : chosen; },
        changed: (conversions) => {
          if (conversions.length === 0) delete row.convert;
          else row.convert = structuredClone(conversions) as NonNullable<EditedRow['convert']>;
          this.#changed();
        },
      });
      box.append($('<div class="waybill-mx-line">').append(
        field(text('rule.default'), constantInput(target, { label: text('rule.default'), value: row.default, mayBeEmpty: true, changed: (value) => {
          if (value === undefined) delete row.default;
          else row.default = value;
          this.#changed();
        } })),
        tick(text('rule.required'), row.required === true, (on) => {
          if (on) row.required = true;
          else delete row.required;
          this.#changed();
        }),
      ));
    }
  }

  #value(kind: SourceKind, target: SchemaField, row: EditedRow): JQuery {
    if (kind === 'value') {
      const room = roomText(target);
      const input = constantInput(target, { label: text('rule.kind.value'), value: row.value, changed: (value) => { row.value = value ?? ''; this.#changed(); } });
      return room === '' ? input : input.add($('<div class="waybill-hint">').text(room));
    }
    if (kind === 'expression') {
      const area = $('<textarea class="waybill-pasted" rows="3" spellcheck="false">').attr({ 'aria-label': text('rule.kind.expression'), 'placeholder': '$times(quantity, "12")' }).val(row.expression ?? '');
      area.on('input change', () => { row.expression = String(area.val() ?? ''); this.#changed(); });
      return $('<div>').append(area, $('<div class="waybill-hint">').text(text('rule.expressionHint')));
    }
    const input = textInput(row[kind] ?? '', (said) => { row[kind] = said; this.#changed(); }, '/Items').attr('aria-label', text(`rule.kind.${kind}`));
    return $('<div class="waybill-map-place">').append(input, button('fa-hand-o-left', text('rule.take'), () => {
      const chosen = this.#chosen();
      if (chosen !== undefined) input.val(chosen).trigger('change');
      else this.draw(text('rule.chooseSource'));
    }), button('fa-crosshairs', text('rule.show'), () => { this.#options.reveal(absolutePlace(row[kind] ?? '', entryPlace(this.#options.rows, target.pointer) ?? '')); }));
  }
}
