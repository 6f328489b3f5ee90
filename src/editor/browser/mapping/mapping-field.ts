import { mappingProblems, mappingProblemText } from '../../../governance/gate/rules/mapping.ts';
import type { Validator } from '../node-definition.ts';
import { button } from '../cards/parts.ts';
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

/** A property that holds a mapping, or none; `label` names it in the message. */
export function mappingValidator(label: () => string): Validator {
  return (value, _options) => {
    const [problem] = value === null || value === undefined ? [] : mappingProblems(value);
    return problem === undefined ? true : `${label()}: ${mappingProblemText(problem, language())}`;
  };
}

/** The place of a mapping in a node's form: what there is in a line, and a button to the tray in which it is made. */
export class MappingField {
  readonly #box: JQuery;
  readonly #options: MappingFieldOptions;
  #value: KeptMapping | null;

  constructor(target: JQuery, options: MappingFieldOptions) {
    this.#options = options;
    this.#box = $('<div class="waybill-line">').appendTo(target);
    this.#value = options.value ?? null;
    this.#draw();
  }

  /** Null: what comes goes on as it is. */
  value(): KeptMapping | null {
    return this.#value;
  }

  #draw(): void {
    const value = this.#value;
    const wrong = value === null ? 0 : mappingProblems(value).length;
    const said = value === null ? text('field.none') : [text('field.rows', { count: countRows(value.rows as readonly EditedRow[]) }), [value.source, value.target].filter((each) => each !== undefined).join(' → ')].filter((each) => each !== '').join(', ');
    this.#box.empty().append(
      $('<button type="button" class="red-ui-button">').append($('<i class="fa fa-exchange" aria-hidden="true">'), document.createTextNode(` ${text('field.open')}`)).on('click', () => {
        openMappingTray({ title: this.#options.title, mapping: value ?? { rows: [] }, ...this.#options.given(), save: (mapping) => { this.#set(mapping.rows.length === 0 ? null : mapping); } });
      }),
      $('<span class="waybill-unit" role="status">').text(said),
      ...(wrong === 0 ? [] : [$('<span class="waybill-wrong">').text(text('status.wrong', { count: wrong }))]),
      ...(value === null ? [] : [button('fa-trash', text('field.remove'), () => { this.#set(null); })]),
    );
  }

  #set(value: KeptMapping | null): void {
    this.#value = value;
    this.#draw();
  }
}
