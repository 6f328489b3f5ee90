import type { Mapping } from '../../../governance/gate/rules/mapping.ts';
import { post } from '../intake/server.ts';
import { TriedPart } from '../intake/tried-part.ts';
import { language, text } from './texts.ts';

interface ToldProblem { readonly row: string; readonly at: string; readonly from?: string; readonly code: string; readonly text: string; readonly warning?: true }
interface Explained { readonly at: string; readonly row: string; readonly by: string; readonly from?: string; readonly read?: unknown; readonly steps: readonly { readonly kind: string; readonly value: unknown }[]; readonly value?: unknown }
interface Tried { readonly document: unknown; readonly problems: readonly ToldProblem[]; readonly faults: readonly string[]; readonly explained: readonly Explained[] }
interface Answer { readonly checked: readonly ToldProblem[]; readonly tried: readonly Tried[] }

export interface TrialOptions {
  readonly mapping: () => Mapping;
  readonly schemas: () => { readonly source: object | undefined; readonly target: object | undefined };
  /** Shows the row of a problem. */
  readonly open: (row: string, at: string) => void;
  /** The sample tells what the source looks like. */
  readonly takeSchema: (schema: object) => void;
}

/** Paste a sample, see what it becomes: the document, what is wrong at which row, what the target's contract says, and where each value came from. */
export class TrialPanel {
  readonly element = $('<section class="waybill-map-trial">').attr('aria-label', text('trial.title'));
  readonly #options: TrialOptions;
  readonly #part: TriedPart;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#part = new TriedPart(6, 'trial.sample', (key, values) => text(key.replace(/^try\./, 'trial.').replace(/^live\./, 'trial.'), values));
    this.element.append(
      $('<h4 class="waybill-section">').text(text('trial.title')), this.#part.field,
      $('<div class="waybill-line waybill-try-buttons">').append(
        this.#part.button('trial.run', () => { this.run(); }).addClass('waybill-map-run'),
        this.#part.button('trial.takeSchema', () => { this.#takeSchema(); }),
      ),
      this.#part.result,
    );
  }

  close(): void {
    this.#part.close();
  }

  /** The field for samples takes the focus. */
  focus(): void {
    this.#part.field.trigger('focus')[0]?.scrollIntoView({ block: 'nearest' });
  }

  run(): void {
    const pasted = this.#part.pasted();
    if (pasted === undefined) return;
    const { source, target } = this.#options.schemas();
    this.#part.answer(post<Answer>('mapping/try', { mapping: this.#options.mapping(), samples: [pasted], source, target, language: language() }), (answer) => { this.#show(answer); });
  }

  #takeSchema(): void {
    const pasted = this.#part.pasted();
    if (pasted === undefined) return;
    this.#part.answer(post<{ readonly schema: object }>('mapping/schema', { samples: [pasted] }), ({ schema }) => {
      this.#part.result.empty().append($('<div class="waybill-good">').text(text('trial.taken')));
      this.#options.takeSchema(schema);
    });
  }

  #show({ checked, tried: [tried] }: Answer): void {
    const box = this.#part.result.empty();
    if (tried === undefined) {
      $('<div class="waybill-wrong" role="alert">').text(text('trial.notYet')).appendTo(box);
      box.append(this.#problems(checked));
      return;
    }
    const { problems, faults } = tried;
    const good = problems.length === 0 && faults.length === 0;
    $('<div>').addClass(good ? 'waybill-good' : 'waybill-wrong').text(good ? text('trial.good') : text('trial.bad', { count: problems.length + faults.length })).appendTo(box);
    box.append(this.#problems(problems));
    if (faults.length > 0) box.append($('<div class="waybill-map-faults">').append($('<b>').text(text('trial.faults')), $('<ul>').append(faults.map((fault) => $('<li>').text(fault)))));
    $('<pre class="waybill-map-result" tabindex="0">').attr('aria-label', text('trial.result')).text(JSON.stringify(tried.document, null, 2)).appendTo(box);
    box.append(this.#explained(tried.explained));
  }

  #problems(problems: readonly ToldProblem[]): JQuery {
    return $('<ul class="waybill-map-problems">').append(problems.map(({ at, from, row, text: said, warning }) => $('<li>').append(
      $('<button type="button" class="waybill-sample">').append(
        $('<span class="waybill-sample-head">').text([at, ...(from === undefined ? [] : [`← ${from}`])].join(' ')), $('<span>').toggleClass('waybill-wrong', warning !== true).text(said),
      ).on('click', () => { this.#options.open(row, at); }),
    )));
  }

  #explained(explained: readonly Explained[]): JQuery {
    const shown = (value: unknown): string => value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
    return $('<details class="waybill-own">').append($('<summary>').text(text('trial.explain', { count: explained.length })), $('<table class="waybill-map-explained">').append(
      $('<thead>').append($('<tr>').append(['to', 'by', 'read', 'became'].map((key) => $('<th>').text(text(`trial.column.${key}`))))),
      $('<tbody>').append(explained.filter(({ by }) => by !== 'each').slice(0, 500).map(({ at, by, from, read, steps, value }) => $('<tr>').append(
        $('<td>').append($('<code>').text(at)), $('<td>').text(from === undefined ? text(`rule.kind.${by}`) : by === 'default' ? `${text('rule.default')} (${from})` : from), $('<td>').text(by === 'value' ? '' : shown(read)),
        $('<td>').text([...steps.map((step) => shown(step.value)), shown(value)].filter((each, index, all) => each !== all[index - 1]).join(' → ')),
      ))),
    ));
  }
}
