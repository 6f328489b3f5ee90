import { checkMapping, mappingProblemText, schemaField, suggestRows } from '../../../governance/gate/rules/mapping.ts';
import type { Mapping, MappingProblem, SchemaField } from '../../../governance/gate/rules/mapping.ts';
import { button, choice } from '../cards/parts.ts';
import { ask } from '../intake/server.ts';
import { PackagingList } from './packaging-list.ts';
import { RulePanel } from './rule-panel.ts';
import { absolutePlace, countRows, entryPlace, findRow, kindOf, pointerOf, rowSummary } from './rows.ts';
import type { EditedRow } from './rows.ts';
import { SchemaTree } from './schema-tree.ts';
import { language, text } from './texts.ts';
import { TrialPanel } from './trial-panel.ts';

/** A mapping as a node keeps it: rows, and which forms they lead from and to. */
export interface KeptMapping extends Mapping {
  /** Contract `name@version`. */
  readonly source?: string;
  readonly target?: string;
  /** Form of the source where it is no contract: made of a sample, without what stood in it. */
  readonly sourceSchema?: object;
}

/** A form that the node itself knows, for example what an operation asks for. */
export interface GivenSchema { readonly title: string; readonly schema: object }

export interface MappingEditorOptions {
  readonly mapping: KeptMapping;
  readonly source?: GivenSchema;
  readonly target?: GivenSchema;
}

interface Offer { readonly contracts: readonly { readonly id: string; readonly title: string }[]; readonly lists: readonly { readonly id: string; readonly title: string; readonly entries: number }[] }
interface Side { chosen: string; schema: object | undefined; field: SchemaField | undefined }

const NOTHING = '';
const GIVEN = 'given';
const SAMPLE = 'sample';

/** Source and target side by side, and between them the rows: chosen by mouse, finger or keyboard, without dragging. */
export class MappingEditor {
  readonly #options: MappingEditorOptions;
  readonly #rows: EditedRow[];
  readonly #sides: { readonly source: Side; readonly target: Side };
  readonly #trees: { readonly source: SchemaTree; readonly target: SchemaTree };
  readonly #rule: RulePanel;
  readonly #trial: TrialPanel;
  readonly #status = $('<div class="waybill-map-status" role="status">');
  readonly #offers = $('<div class="waybill-map-suggest">');
  readonly #trouble = $('<div class="waybill-wrong" role="alert">');
  readonly #pickers: { readonly source: JQuery; readonly target: JQuery };
  readonly #packaging: PackagingList;
  #sampleSchema: object | undefined;
  #lists: Offer['lists'] = [];
  #problems: readonly MappingProblem[] = [];
  #only = 'all';
  #sourceField: SchemaField | undefined;
  #closed = false;

  constructor(body: JQuery, options: MappingEditorOptions) {
    this.#options = options;
    const { mapping, source, target } = options;
    this.#rows = structuredClone(mapping.rows) as EditedRow[];
    this.#sampleSchema = mapping.sourceSchema;
    this.#sides = {
      source: { chosen: mapping.source ?? (mapping.sourceSchema !== undefined ? SAMPLE : source === undefined ? NOTHING : GIVEN), schema: undefined, field: undefined },
      target: { chosen: mapping.target ?? (target === undefined ? NOTHING : GIVEN), schema: undefined, field: undefined },
    };
    const only = choice(['all', 'open', 'mapped', 'wrong'].map((each) => [each, text(`only.${each}`)] as const), 'all', (value) => { this.#only = value; this.#trees.target.draw(); }).attr('aria-label', text('only.title'));
    this.#trees = {
      source: new SchemaTree({ label: text('source.title'), none: text('source.none'), mark: (field, end) => { this.#markSource(field, end); }, onFocus: (field) => { this.#sourceField = field; this.#trees.source.refresh(); }, onOpen: (field) => { this.#take(field); } }),
      target: new SchemaTree({
        label: text('target.title'), none: text('target.none'), beside: only, mark: (field, end) => { this.#markTarget(field, end); }, onFocus: (field) => { this.#select(field); },
        onOpen: (field) => { this.#select(field); this.#rule.element.find('button, input, select').first().trigger('focus'); }, filter: () => this.#filter(),
      }),
    };
    this.#rule = new RulePanel({
      rows: this.#rows, target: () => this.#sides.target.field, lists: () => this.#lists, sourceFocused: () => this.#sourceField?.pointer ?? '', problems: () => this.#problems,
      changed: () => { this.#check(); }, reveal: (pointer) => { this.#trees.source.reveal(pointer); },
    });
    this.#packaging = new PackagingList(mapping.packaging ?? [], () => { this.#check(); });
    this.#trial = new TrialPanel({
      mapping: () => this.mapping(), schemas: () => ({ source: this.#sides.source.schema, target: this.#sides.target.schema }), open: (row, at) => { this.#open(row, at); },
      takeSchema: (schema) => { this.#sampleSchema = schema; void this.#choose('source', SAMPLE); },
    });
    this.#pickers = { source: $('<select>').attr('aria-label', text('source.choose')), target: $('<select>').attr('aria-label', text('target.choose')) };
    this.#build(body);
    void this.#load();
  }

  close(): void {
    this.#closed = true;
    this.#trial.close();
  }

  /** As it stands now. */
  mapping(): KeptMapping {
    const { source, target } = this.#sides;
    const contract = (chosen: string): boolean => chosen.includes('@');
    return {
      rows: structuredClone(this.#rows) as Mapping['rows'], ...(this.#packaging.rows().length === 0 ? {} : { packaging: this.#packaging.rows() }), ...(contract(source.chosen) ? { source: source.chosen } : {}), ...(contract(target.chosen) ? { target: target.chosen } : {}),
      ...(source.chosen === SAMPLE && this.#sampleSchema !== undefined ? { sourceSchema: this.#sampleSchema } : {}),
    };
  }

  #build(body: JQuery): void {
    const column = (side: 'source' | 'target'): JQuery => $('<section>').addClass(`waybill-map-column waybill-map-${side}`).attr('aria-label', text(`${side}.title`)).append(
      $('<div class="waybill-map-column-head">').append($('<b>').text(text(`${side}.title`)), this.#pickers[side]), this.#trees[side].element,
    );
    $('<div class="waybill-map">').append(
      this.#status, this.#trouble, this.#offers,
      $('<div class="waybill-map-panes">').append(column('source'), column('target'), this.#rule.element),
      this.#packaging.element, this.#trial.element,
    ).appendTo(body);
    for (const side of ['source', 'target'] as const) this.#pickers[side].on('change', () => { void this.#choose(side, String(this.#pickers[side].val())); });
  }

  async #load(): Promise<void> {
    let offer: Offer = { contracts: [], lists: [] };
    try {
      offer = await ask<Offer>('mapping', {});
    } catch (error) {
      this.#say(error);
    }
    if (this.#closed) return;
    this.#lists = offer.lists;
    for (const side of ['source', 'target'] as const) {
      const given = this.#options[side];
      const entries: readonly (readonly [string, string])[] = [
        [NOTHING, text(`${side}.choose`)], ...(given === undefined ? [] : [[GIVEN, given.title] as const]), ...(side === 'source' ? [[SAMPLE, text('source.sample')] as const] : []),
        ...offer.contracts.map(({ id, title }) => [id, `${title} (${id})`] as const),
      ];
      const { chosen } = this.#sides[side];
      this.#pickers[side].empty().append([...entries, ...(entries.some(([value]) => value === chosen) ? [] : [[chosen, chosen] as const])].map(([value, name]) => $('<option>').val(value).text(name))).val(chosen);
    }
    await Promise.all([this.#choose('source', this.#sides.source.chosen), this.#choose('target', this.#sides.target.chosen)]);
    this.#rule.draw();
  }

  async #choose(side: 'source' | 'target', chosen: string): Promise<void> {
    const here = this.#sides[side];
    here.chosen = chosen;
    this.#pickers[side].val(chosen);
    this.#trouble.text('');
    if (side === 'source' && chosen === SAMPLE && this.#sampleSchema === undefined) this.#trial.focus();
    let schema: object | undefined;
    try {
      schema = chosen === GIVEN ? this.#options[side]?.schema : chosen === SAMPLE ? this.#sampleSchema : chosen === NOTHING ? undefined : await ask<object>('mapping/contract', { data: { id: chosen } });
    } catch (error) {
      this.#say(error);
    }
    if (this.#closed || here.chosen !== chosen) return;
    here.schema = schema;
    here.field = schema === undefined ? undefined : schemaField(schema as Parameters<typeof schemaField>[0]);
    this.#trees[side].show(here.field);
    if (side === 'target') this.#rule.show(undefined);
    else this.#sourceField = undefined;
    this.#check();
  }

  #say(error: unknown): void {
    const said = error instanceof Error ? error.message : '';
    this.#trouble.text(said === '' ? text('trial.silent') : said);
  }

  #select(field: SchemaField): void {
    this.#rule.show(field);
    this.#trees.source.refresh();
    this.#trees.target.refresh();
  }

  #take(source: SchemaField): void {
    this.#rule.take(source);
  }

  /** What a problem is about, shown in tree and panel. */
  #open(row: string, at: string): void {
    const pointer = row === '' || at !== '' ? at.split('/').map((part) => /^\d+$/.test(part) ? '*' : part).join('/') : pointerOf(this.#rows, row);
    this.#only = 'all';
    this.#trees.target.reveal(pointer);
    const field = this.#fieldOf(pointer);
    if (field !== undefined) this.#select(field);
    this.#rule.element[0]?.scrollIntoView({ block: 'nearest' });
  }

  #fieldOf(pointer: string): SchemaField | undefined {
    let here = this.#sides.target.field;
    for (const part of pointer.split('/').slice(1)) here = part === '*' ? here?.entry : here?.members.find(({ name }) => name === part.replaceAll('~1', '/').replaceAll('~0', '~'));
    return here;
  }

  #filter(): ((field: SchemaField) => boolean) | undefined {
    const mapped = (field: SchemaField): boolean => findRow(this.#rows, field.pointer) !== undefined;
    switch (this.#only) {
      case 'mapped': return mapped;
      case 'open': return (field) => field.required && !mapped(field) && this.#problems.some(({ code, at }) => code === 'required-unmapped' && (at === field.pointer || field.pointer.startsWith(`${at}/`)));
      case 'wrong': return (field) => this.#problems.some(({ at }) => at === field.pointer);
      default: return undefined;
    }
  }

  #check(): void {
    const { source, target } = this.#sides;
    const parts = { ...(source.schema === undefined ? {} : { source: source.schema as never }), ...(target.schema === undefined ? {} : { target: target.schema as never }), lists: this.#lists.map(({ id }) => id) };
    this.#problems = this.#rows.length === 0 && target.schema === undefined ? [] : checkMapping({ rows: this.#rows as Mapping['rows'], ...(this.#packaging.rows().length === 0 ? {} : { packaging: this.#packaging.rows() }) }, parts);
    this.#trees.target.refresh();
    this.#trees.source.refresh();
    this.#rule.refresh();
    const wrong = this.#problems.filter(({ warning }) => warning !== true);
    const missing = wrong.filter(({ code }) => code === 'required-unmapped').length;
    this.#status.empty().append($('<span>').text(text('status.mapped', { count: countRows(this.#rows) })));
    if (missing > 0) this.#status.append($('<span class="waybill-map-bad">').text(text('status.missing', { count: missing })));
    if (wrong.length > missing) this.#status.append($('<span class="waybill-map-bad">').text(text('status.wrong', { count: wrong.length - missing })));
    if (this.#problems.length > wrong.length) this.#status.append($('<span>').text(text('status.warnings', { count: this.#problems.length - wrong.length })));
    if (wrong.length === 0 && this.#rows.length > 0) this.#status.append($('<span class="waybill-map-ok">').text(text('status.complete')));
    this.#drawSuggestions();
    this.#drawUnplaced();
  }

  /** Rows by like names that can be taken at once. */
  #drawSuggestions(): void {
    this.#offers.empty();
    const { source: { field: source }, target: { field: target } } = this.#sides;
    if (source === undefined || target === undefined) return;
    const found = suggestRows(source, target, this.#rows as Mapping['rows']);
    if (found.length === 0) return;
    const count = found.reduce((sum, { row }) => sum + countRows([row as EditedRow]), 0);
    const names = found.slice(0, 6).map(({ row }) => `${row.from ?? row.each ?? ''} → ${row.to}`).join(', ');
    this.#offers.append($('<span>').text(text('suggest.found', { count })), $('<span class="waybill-hint">').text(names + (found.length > 6 ? ' …' : '')), button('fa-magic', text('suggest.take'), () => {
      this.#rows.push(...structuredClone(found.map(({ row }) => row)) as EditedRow[]);
      this.#check();
      this.#rule.draw();
    }));
  }

  /** Rows whose place the target does not have: they stay to be seen, and can be taken away. */
  #drawUnplaced(): void {
    const { schema } = this.#sides.target;
    const lost = this.#problems.filter(({ code }) => code === 'to-unknown' || (code === 'to-unnamed' && schema !== undefined));
    for (const problem of lost) {
      $('<div class="waybill-map-lost">').append($('<code>').text(problem.at), $('<span>').text(mappingProblemText(problem, language())), button('fa-trash', text('rule.remove'), () => {
        const found = findRow(this.#rows, problem.at);
        found?.rows.splice(found.index, 1);
        this.#check();
      })).appendTo(this.#offers);
    }
  }

  #markTarget(field: SchemaField, end: JQuery): void {
    const row = findRow(this.#rows, field.pointer)?.row;
    const problems = this.#problems.filter(({ at, row: path }) => at === field.pointer && (path !== '' || row === undefined));
    const wrong = problems.find(({ warning }) => warning !== true);
    if (row !== undefined && kindOf(row) !== undefined) end.append($('<span class="waybill-map-from">').text(`← ${rowSummary(row)}`).attr('title', rowSummary(row)));
    const [shown] = wrong === undefined ? problems : [wrong];
    if (shown !== undefined) end.append($('<i class="fa">').addClass(wrong === undefined ? 'fa-exclamation-circle waybill-map-warning' : 'fa-exclamation-triangle waybill-map-bad').attr({ 'title': mappingProblemText(shown, language()), 'aria-label': mappingProblemText(shown, language()) }));
  }

  #markSource(field: SchemaField, end: JQuery): void {
    const used = this.#usedBy(field.pointer);
    if (used !== undefined) end.append($('<span class="waybill-map-from">').text(`→ ${used.replaceAll('/*', '[]')}`));
    const target = this.#rule.field;
    if (target === undefined || this.#sourceField?.pointer !== field.pointer) return;
    $('<button type="button" class="red-ui-button red-ui-button-small waybill-map-use" tabindex="-1">').text(text('source.use', { field: target.name === '*' ? '[]' : target.name })).on('click', (event) => {
      event.stopPropagation();
      this.#take(field);
    }).appendTo(end);
  }

  /** The first place of the target that takes a place of the source. */
  #usedBy(pointer: string): string | undefined {
    const visit = (rows: readonly EditedRow[], to: string): string | undefined => {
      for (const row of rows) {
        const here = to + row.to;
        const said = row.from ?? row.each;
        if (said !== undefined && absolutePlace(said, entryPlace(this.#rows, here) ?? '') === pointer) return here;
        const below = visit(row.rows ?? [], `${here}/*`);
        if (below !== undefined) return below;
      }
      return undefined;
    };
    return visit(this.#rows, '');
  }
}
