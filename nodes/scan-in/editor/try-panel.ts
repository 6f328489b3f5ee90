import { Arrivals, type Sample } from '../../../src/editor/browser/intake/arrivals.ts';
import { clipped, oneLine } from '../../../src/editor/browser/intake/lines.ts';
import { TriedPart } from '../../../src/editor/browser/intake/tried-part.ts';
import { textsOf } from '../../../src/editor/browser/texts.ts';
import { askSuggestion, askTried } from './answers.ts';
import type { Suggestion, Tried, TriedScan } from './answers.ts';
import { exampleTopic, messagesIn } from './messages.ts';

const text = textsOf('scan-in');
const SHORT = 160;

export interface TryPanelOptions {
  readonly nodeId: string;
  /** The form as it stands. */
  readonly config: () => { readonly pattern: string; readonly enterprise: string; readonly site: string } & Readonly<Record<string, unknown>>;
  /** Puts a suggested format into the form. */
  readonly take: (suggestion: Suggestion) => void;
}

/** Shows what arrives at the deployed node, and what pasted messages would become with the form as it stands. */
export class TryPanel {
  readonly #options: TryPanelOptions;
  readonly #arrivals: Arrivals;
  readonly #tried = new TriedPart(4, 'try.messages', text);
  readonly #topic = $('<input type="text">').attr('aria-label', text('try.topic'));

  constructor(target: JQuery, options: TryPanelOptions) {
    this.#options = options;
    const tried = this.#tried;
    this.#arrivals = new Arrivals(target, { nodeId: options.nodeId, text, longest: SHORT, use: (sample) => { this.#use(sample); } });
    target.append(
      tried.field,
      $('<div class="waybill-line">').append($('<span class="waybill-unit">').text(text('try.topic')), this.#topic),
      $('<div class="waybill-line waybill-try-buttons">').append(tried.button('try.run', () => { this.#try(); }), tried.button('try.latest', () => { this.#tryLatest(); }), tried.button('try.suggest', () => { this.#suggest(); })),
      tried.result,
    );
  }

  close(): void {
    this.#arrivals.close();
    this.#tried.close();
  }

  #use(sample: Sample): void {
    this.#tried.field.val([...messagesIn(String(this.#tried.field.val())), oneLine(sample.text)].join('\n'));
    this.#topic.val(sample.topic);
    this.#try();
  }

  #try(): void {
    const config = this.#options.config();
    const messages = this.#messages();
    if (messages === undefined) return;
    if (String(this.#topic.val()).trim() === '') this.#topic.val(exampleTopic(config.pattern, { enterprise: config.enterprise, site: config.site }));
    this.#tried.answer(askTried(config, String(this.#topic.val()).trim(), messages), (tried) => { showTried(this.#tried.result, messages, tried); });
  }

  /** What has just arrived, with the form as it stands: the oldest first. */
  #tryLatest(): void {
    const { samples } = this.#arrivals;
    const [newest] = samples;
    if (newest === undefined) {
      this.#tried.wrong(text('live.none'));
      return;
    }
    this.#tried.field.val([...samples].reverse().filter(({ topic }) => topic === newest.topic).map((sample) => oneLine(sample.text)).join('\n'));
    this.#topic.val(newest.topic);
    this.#try();
  }

  #suggest(): void {
    const messages = this.#messages();
    if (messages === undefined) return;
    this.#tried.answer(askSuggestion(messages), (suggestion) => {
      if (suggestion === undefined) {
        this.#tried.wrong(text('try.noSuggestion'));
        return;
      }
      this.#options.take(suggestion);
      this.#try();
    });
  }

  #messages(): readonly string[] | undefined {
    const pasted = this.#tried.pasted();
    return pasted === undefined ? undefined : messagesIn(pasted);
  }
}

function showTried(target: JQuery, messages: readonly string[], tried: readonly Tried[]): void {
  target.empty();
  const topic = tried[0]?.topic;
  if (topic !== undefined) $('<div class="waybill-wrong">').text(topic).appendTo(target);
  tried.forEach(({ scans }, at) => {
    const block = $('<div class="waybill-tried-message">').appendTo(target);
    $('<code>').text(clipped(oneLine(messages[at] ?? ''), SHORT)).appendTo(block);
    scans.forEach((scan) => { showScan(block, scan); });
  });
}

/** A value as a person reads it; of measures each in one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'object' && value !== null ? Object.values(value).map(shown).join(' ') : String(value);
}

function showScan(target: JQuery, scan: TriedScan): void {
  if (!scan.ok) {
    $('<div class="waybill-wrong">').text(`✗ ${scan.message}`).appendTo(target);
    return;
  }
  $('<div class="waybill-good">').text(`✓ ${scan.title}`).appendTo(target);
  const list = $('<dl class="waybill-facts">').appendTo(target);
  const fact = (name: string, value: string): void => { list.append($('<dt>').text(name), $('<dd>').text(value)); };
  Object.entries(scan.facts).forEach(([name, value]) => { fact(name, shown(value)); });
  fact(text('field.device'), scan.device);
  if (scan.operator !== undefined) fact(text('field.operator'), scan.operator);
  if (scan.occurredAt !== undefined) fact(text('field.time'), new Date(scan.occurredAt).toLocaleString());
  if (scan.elements.length > 0) fact('GS1', scan.elements.map(({ ai, value }) => `(${ai}) ${value}`).join(' '));
  fact(text('try.again'), text(`try.told.${scan.told}`));
  if (scan.epcis === undefined) return;
  if (scan.epcis === null) fact('EPCIS', text('try.noEpcis'));
  else $('<details class="waybill-tried-epcis">').append($('<summary>').text(text('try.epcis')), $('<pre>').text(JSON.stringify(scan.epcis, undefined, 2))).appendTo(target);
}
