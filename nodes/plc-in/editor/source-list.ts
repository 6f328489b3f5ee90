import { button, tool } from '../../../src/editor/browser/cards/parts.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';
import { browse, nodeIdInput } from './parts.ts';

/** Node ids of sources, one row each with the tags of the server beside it. */
export class SourceList {
  readonly #text: Texts;
  readonly #sources: string[];
  readonly #changed: () => void;
  readonly #rows = $('<div>');
  #closers: (() => void)[] = [];

  constructor(host: JQuery, sources: readonly string[], text: Texts, changed: () => void) {
    this.#text = text;
    this.#sources = [...sources];
    this.#changed = changed;
    host.empty().append(this.#rows, button('fa-plus', text('source.add'), () => {
      this.#sources.push('');
      this.#draw();
      this.#rows.find('input').last().trigger('focus');
    }));
    this.#draw();
  }

  sources(): readonly string[] {
    return this.#sources.map((source) => source.trim()).filter((source) => source !== '');
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  #draw(): void {
    this.close();
    this.#rows.empty();
    if (this.#sources.length === 0) this.#rows.append($('<div class="waybill-hint">').text(this.#text('source.none')));
    this.#sources.forEach((source, at) => {
      const input = nodeIdInput(source, (value) => {
        this.#sources[at] = value;
        this.#changed();
      }).attr('aria-label', this.#text('source.one', { n: at + 1 }));
      const row = $('<div>').css('margin-bottom', '4px').append(input).appendTo(this.#rows);
      this.#closers.push(browse(input, () => undefined, ['object', 'variable']));
      row.children('.waybill-tag-field').append(tool('fa-times', this.#text('source.remove', { n: at + 1 }), () => {
        this.#sources.splice(at, 1);
        this.#draw();
      }));
    });
    this.#changed();
  }
}
