import { mappingProblems, mappingProblemText } from '../../../governance/gate/rules/mapping.ts';
import type { PlacedNode, Validator } from '../node-definition.ts';
import { button } from '../cards/parts.ts';
import { againstTarget, shownPlace, someOf } from './against-target.ts';
import { openMappingTray } from './mapping-tray.ts';
import type { GivenSchema, KeptMapping } from './mapping-editor.ts';
import { countRows } from './rows.ts';
import type { EditedRow } from './rows.ts';
import { language, text } from './texts.ts';

export interface MappingFieldOptions {
  /** Title of the tray. */
  readonly title: string;
  readonly value: KeptMapping | null | undefined;
  /** Forms that are known where the node stands, asked when the tray opens. */
  readonly given: () => { readonly source?: GivenSchema; readonly target?: GivenSchema };
}

/** A property that holds a mapping, or none; `label` names it in the message, `target` knows what the node's documents must be like. */
export function mappingValidator(label: () => string, target: (node: PlacedNode) => object | undefined = () => undefined): Validator {
  return function (value, _options) {
    if (value === null || value === undefined) return true;
    const [problem] = mappingProblems(value);
    if (problem !== undefined) return `${label()}: ${mappingProblemText(problem, language())}`;
    const asked = target(this);
    const { missing, wrong: [wrong] } = asked === undefined ? { missing: [], wrong: [] } : againstTarget(value as KeptMapping, asked);
    if (missing.length > 0) return text('field.invalid', { label: label(), count: missing.length, names: someOf(missing) });
    return wrong === undefined ? true : text('field.invalidWrong', { label: label(), place: shownPlace(wrong.at), problem: mappingProblemText(wrong, language()) });
  };
}

/** The place of a mapping in a node's form: what there is in a line, and a button to the tray in which it is made. */
export class MappingField {
  readonly #box: JQuery;
  readonly #options: MappingFieldOptions;
  #value: KeptMapping | null;
  #target: GivenSchema | undefined;

  constructor(target: JQuery, options: MappingFieldOptions) {
    this.#options = options;
    this.#box = $('<div class="waybill-line">').appendTo(target);
    this.#value = options.value ?? null;
    this.refresh();
  }

  /** Null: what comes goes on as it is. */
  value(): KeptMapping | null {
    return this.#value;
  }

  /** After the node knows more, or something else, of the forms. */
  refresh(): void {
    this.#target = this.#options.given().target;
    this.#draw();
  }

  #draw(): void {
    const value = this.#value;
    const target = this.#target;
    const own = value === null ? 0 : mappingProblems(value).length;
    const { missing, wrong } = value === null || target === undefined || own > 0 ? { missing: [], wrong: [] } : againstTarget(value, target.schema);
    const said = value === null ? text('field.none') : [text('field.rows', { count: countRows(value.rows as readonly EditedRow[]) }), [value.source, value.target].filter((each) => each !== undefined).join(' → ')].filter((each) => each !== '').join(', ');
    this.#box.empty().append(
      $('<button type="button" class="red-ui-button">').append($('<i class="fa fa-exchange" aria-hidden="true">'), document.createTextNode(` ${text('field.open')}`)).on('click', () => {
        // while the tray is open the node's own form is not in the page
        const given = this.#options.given();
        this.#target = given.target;
        openMappingTray({ title: this.#options.title, mapping: value ?? { rows: [] }, ...given, save: (mapping) => { this.#set(mapping.rows.length === 0 ? null : mapping); } });
      }),
      $('<span class="waybill-unit" role="status">').text(said),
      ...(own === 0 ? [] : [$('<span class="waybill-wrong">').text(text('status.wrong', { count: own }))]),
      ...(missing.length === 0 ? [] : [$('<span class="waybill-wrong waybill-map-lacks">').text(text('field.missing', { count: missing.length, names: someOf(missing) }))]),
      ...(wrong.length === 0 ? [] : [$('<span class="waybill-wrong waybill-map-lacks">').text(text('field.wrong', { count: wrong.length }))]),
      ...(value === null ? [] : [button('fa-trash', text('field.remove'), () => { this.#set(null); })]),
    );
  }

  #set(value: KeptMapping | null): void {
    this.#value = value;
    this.#draw();
  }
}
