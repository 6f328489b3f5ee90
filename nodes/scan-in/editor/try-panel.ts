import { textsOf } from '../../../src/editor/browser/texts.ts';
import { askLive, askSuggestion, askTried } from './answers.ts';
import type { Live, Sample, Suggestion, Tried, TriedScan } from './answers.ts';
import { exampleTopic, messagesIn } from './messages.ts';

const text = textsOf('scan-in');
const EVERY_MS = 2_000;
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
  readonly #live = $('<div class="waybill-live" role="status">');
  readonly #samples = $('<ul class="waybill-samples">');
  readonly #pasted = $('<textarea rows="4" class="waybill-pasted" spellcheck="false">').attr({ placeholder: text('try.placeholder'), 'aria-label': text('try.messages') });
  readonly #topic = $('<input type="text">').attr('aria-label', text('try.topic'));
  readonly #result = $('<div class="waybill-tried" aria-live="polite">');
  #timer: number | undefined;
  #shown = '';
  #closed = false;

  constructor(target: JQuery, options: TryPanelOptions) {
    this.#options = options;
    const button = (key: string, act: () => void): JQuery => $('<button type="button" class="red-ui-button red-ui-button-small">').text(text(key)).on('click', act);
    target.append(
      this.#live, this.#samples, this.#pasted,
      $('<div class="waybill-line">').append($('<span class="waybill-unit">').text(text('try.topic')), this.#topic),
      $('<div class="waybill-line waybill-try-buttons">').append(button('try.run', () => { this.#try(); }), button('try.suggest', () => { this.#suggest(); })),
      this.#result,
    );
    this.#ask();
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
  }

  #ask(): void {
    askLive(this.#options.nodeId).then(
      (live) => { this.#show(live); },
      () => { this.#live.text(text('live.silent')); },
    ).finally(() => {
      if (!this.#closed) this.#timer = window.setTimeout(() => { this.#ask(); }, EVERY_MS);
    });
  }

  #show(live: Live): void {
    if (!live.running) {
      this.#live.text(text('live.notDeployed'));
      return;
    }
    const { state, counters, lastProblem, now, samples } = live;
    this.#live.empty().append($('<span>').addClass(`waybill-dot waybill-dot-${state.kind}`), $('<span>').text([
      state.reason ?? text(`live.state.${state.kind}`),
      text('live.counted', { received: counters.received, durable: counters.durable, again: counters.redelivered }),
      ...(counters.lastAt === undefined ? [] : [text('live.last', { ago: ago(now - counters.lastAt) })]),
    ].join(' · ')));
    if (lastProblem !== undefined && state.reason === undefined) $('<div class="waybill-hint">').text(text('live.problem', { ago: ago(now - lastProblem.at), reason: lastProblem.reason })).appendTo(this.#live);
    // left alone while nothing is new, so that a row does not move away under a finger
    const news = JSON.stringify(samples);
    if (news === this.#shown) return;
    this.#shown = news;
    this.#samples.empty().append(samples.map((sample) => this.#row(sample)));
    if (samples.length === 0) $('<li class="waybill-hint">').text(text('live.none')).appendTo(this.#samples);
  }

  #row(sample: Sample): JQuery {
    const became = sample.became.map(({ kind, title, message }) => `${text(`live.became.${kind}`)}${title === '' ? '' : `: ${title}`}${message === undefined ? '' : ` (${message})`}`);
    return $('<li>').append($('<button type="button" class="waybill-sample">').attr('title', text('live.use'))
      .append(
        $('<span class="waybill-sample-head">').text(`${new Date(sample.at).toLocaleTimeString()} · ${sample.topic}`),
        $('<code>').text(clipped(sample.text)),
        $('<span>').toggleClass('waybill-wrong', sample.became.some(({ kind }) => kind === 'quarantined')).text(became.length === 0 ? text('live.became.waiting') : became.join('; ')),
      )
      .on('click', () => {
        this.#pasted.val([...messagesIn(String(this.#pasted.val())), oneLine(sample.text)].join('\n'));
        this.#topic.val(sample.topic);
        this.#try();
      }));
  }

  #try(): void {
    const config = this.#options.config();
    const messages = this.#messages();
    if (messages === undefined) return;
    if (String(this.#topic.val()).trim() === '') this.#topic.val(exampleTopic(config.pattern, { enterprise: config.enterprise, site: config.site }));
    this.#answer(askTried(config, String(this.#topic.val()).trim(), messages), (tried) => { showTried(this.#result, messages, tried); });
  }

  #suggest(): void {
    const messages = this.#messages();
    if (messages === undefined) return;
    this.#answer(askSuggestion(messages), (suggestion) => {
      if (suggestion === undefined) {
        wrong(this.#result, text('try.noSuggestion'));
        return;
      }
      this.#options.take(suggestion);
      this.#try();
    });
  }

  #messages(): readonly string[] | undefined {
    const messages = messagesIn(String(this.#pasted.val()));
    if (messages.length > 0) return messages;
    wrong(this.#result, text('try.empty'));
    this.#pasted.trigger('focus');
    return undefined;
  }

  #answer<T>(asked: Promise<T>, show: (answer: T) => void): void {
    asked.then((answer) => { if (!this.#closed) show(answer); }, (error: unknown) => {
      wrong(this.#result, error instanceof Error && error.message !== '' ? error.message : text('live.silent'));
    });
  }
}

function showTried(target: JQuery, messages: readonly string[], tried: readonly Tried[]): void {
  target.empty();
  const topic = tried[0]?.topic;
  if (topic !== undefined) $('<div class="waybill-wrong">').text(topic).appendTo(target);
  tried.forEach(({ scans }, at) => {
    const block = $('<div class="waybill-tried-message">').appendTo(target);
    $('<code>').text(clipped(messages[at] ?? '')).appendTo(block);
    scans.forEach((scan) => { showScan(block, scan); });
  });
}

function showScan(target: JQuery, scan: TriedScan): void {
  if (!scan.ok) {
    $('<div class="waybill-wrong">').text(`✗ ${scan.message}`).appendTo(target);
    return;
  }
  $('<div class="waybill-good">').text(`✓ ${scan.title}`).appendTo(target);
  const list = $('<dl class="waybill-facts">').appendTo(target);
  const fact = (name: string, value: string): void => { list.append($('<dt>').text(name), $('<dd>').text(value)); };
  Object.entries(scan.facts).forEach(([name, value]) => { fact(name, String(value)); });
  fact(text('field.device'), scan.device);
  if (scan.operator !== undefined) fact(text('field.operator'), scan.operator);
  if (scan.occurredAt !== undefined) fact(text('field.time'), new Date(scan.occurredAt).toLocaleString());
  if (scan.elements.length > 0) fact('GS1', scan.elements.map(({ ai, value }) => `(${ai}) ${value}`).join(' '));
  fact(text('try.again'), text(`try.told.${scan.told}`));
}

function wrong(target: JQuery, message: string): void {
  target.empty().append($('<div class="waybill-wrong" role="alert">').text(message));
}

/** JSON over several lines is one message of one line. */
function oneLine(message: string): string {
  return message.replace(/\s*\r?\n\s*/g, ' ').trim();
}

function clipped(message: string): string {
  const line = oneLine(message);
  return line.length > SHORT ? `${line.slice(0, SHORT)}…` : line;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}
