import type { Texts } from '../texts.ts';

/** The field for what is pasted, and below it what that would become. */
export class TriedPart {
  readonly field: JQuery;
  readonly result = $('<div class="waybill-tried" aria-live="polite">');
  readonly #text: Texts;
  #closed = false;

  /** @param label key of the text that names the field */
  constructor(rows: number, label: string, text: Texts) {
    this.#text = text;
    this.field = $('<textarea class="waybill-pasted" spellcheck="false">').attr({ 'rows': rows, 'placeholder': text('try.placeholder'), 'aria-label': text(label) });
  }

  close(): void {
    this.#closed = true;
  }

  button(key: string, act: () => void): JQuery {
    return $('<button type="button" class="red-ui-button red-ui-button-small">').text(this.#text(key)).on('click', act);
  }

  /** What was pasted; when there is nothing that is said, and the field has the cursor. */
  pasted(): string | undefined {
    const pasted = String(this.field.val()).trim();
    if (pasted !== '') return pasted;
    this.wrong(this.#text('try.empty'));
    this.field.trigger('focus');
    return undefined;
  }

  /** Shows an answer when it comes, or why there is none. */
  answer<T>(asked: Promise<T>, show: (answer: T) => void): void {
    asked.then((answer) => { if (!this.#closed) show(answer); }, (error: unknown) => {
      this.wrong(error instanceof Error && error.message !== '' ? error.message : this.#text('live.silent'));
    });
  }

  wrong(message: string): void {
    this.result.empty().append($('<div class="waybill-wrong" role="alert">').text(message));
  }
}
