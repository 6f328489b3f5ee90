import { Arrivals } from '../../../src/editor/browser/intake/arrivals.ts';
import { clipped, oneLine } from '../../../src/editor/browser/intake/lines.ts';
import { TriedPart } from '../../../src/editor/browser/intake/tried-part.ts';
import { textsOf } from '../../../src/editor/browser/texts.ts';
import { askTried } from './answers.ts';
import type { TriedEvent } from './answers.ts';

const text = textsOf('event-in');
const SHORT = 200;

export interface TryPanelOptions {
  readonly nodeId: string;
  /** The form as it stands. */
  readonly config: () => object;
}

/** Shows what arrives at the deployed node, and what pasted events would become with the form as it stands. */
export class TryPanel {
  readonly #options: TryPanelOptions;
  readonly #arrivals: Arrivals;
  readonly #tried = new TriedPart(5, 'try.messages', text);

  constructor(target: JQuery, options: TryPanelOptions) {
    this.#options = options;
    const tried = this.#tried;
    this.#arrivals = new Arrivals(target, {
      nodeId: options.nodeId, text, longest: SHORT,
      use: (sample) => {
        tried.field.val(sample.text);
        this.#try();
      },
    });
    target.append(tried.field, $('<div class="waybill-line waybill-try-buttons">').append(tried.button('try.run', () => { this.#try(); })), tried.result);
  }

  close(): void {
    this.#arrivals.close();
    this.#tried.close();
  }

  #try(): void {
    const pasted = this.#tried.pasted();
    if (pasted !== undefined) this.#tried.answer(askTried(this.#options.config(), messagesIn(pasted)), (tried) => { this.#showTried(tried); });
  }

  #showTried(tried: readonly TriedEvent[]): void {
    this.#tried.result.empty();
    for (const event of tried) {
      const block = $('<div class="waybill-tried-message">').appendTo(this.#tried.result);
      if (!event.ok) {
        $('<div class="waybill-wrong">').text(`✗ ${event.message}`).appendTo(block);
        continue;
      }
      $('<div class="waybill-good">').text(`✓ ${event.title}`).appendTo(block);
      const list = $('<dl class="waybill-facts">').appendTo(block);
      const fact = (name: string, value: string): void => { list.append($('<dt>').text(name), $('<dd>').text(value)); };
      if (event.key !== undefined) fact(text('try.key'), event.key);
      Object.entries(event.attributes).forEach(([name, value]) => { fact(name, String(value)); });
      fact('data', clipped(oneLine(event.data), SHORT));
      fact(text('try.again'), text('try.told'));
    }
  }
}

/** The events in a pasted text: all of it where it is one JSON document (a list is a batch), else each line. */
function messagesIn(pasted: string): readonly string[] {
  try {
    const document: unknown = JSON.parse(pasted);
    return Array.isArray(document) ? document.map((entry) => JSON.stringify(entry)) : [pasted];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const lines = pasted.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
    return lines.every((line) => line.startsWith('{') && line.endsWith('}')) ? lines : [pasted];
  }
}
