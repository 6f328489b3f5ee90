import { clipped } from '../../../src/editor/browser/intake/lines.ts';
import { liveLine, showStanding } from '../../../src/editor/browser/intake/live-line.ts';
import { TriedPart } from '../../../src/editor/browser/intake/tried-part.ts';
import { keepAsking } from '../../../src/editor/browser/keep-asking.ts';
import { textsOf } from '../../../src/editor/browser/texts.ts';
import { askLive, askTried } from './answers.ts';
import type { Live, LiveSample, LiveValue, Tried } from './answers.ts';

const text = textsOf('plc-in');
const SHORT = 80;

export interface PanelOptions {
  readonly nodeId: string;
  /** The form as it stands. */
  readonly config: () => Readonly<Record<string, unknown>>;
}

/** Shows what arrives at the deployed node and what it becomes, and what pasted values would become with the form as it stands. */
export class PlcPanel {
  readonly #options: PanelOptions;
  readonly #live = liveLine();
  readonly #problems = $('<ul class="waybill-plc-problems">');
  readonly #values = $('<dl class="waybill-facts">');
  readonly #samples = $('<ul class="waybill-samples">');
  readonly #tried = new TriedPart(4, 'try.label', text);
  readonly #now: JQuery;
  readonly #hint = $('<div class="waybill-hint">');
  readonly #stop: () => void;
  #shown = '';
  #known: readonly LiveValue[] = [];

  constructor(target: JQuery, options: PanelOptions) {
    this.#options = options;
    const tried = this.#tried;
    this.#now = tried.button('try.now', () => { this.#pasteNow(); });
    target.empty().append(
      this.#live, this.#problems, this.#values, this.#samples, tried.field,
      this.#hint,
      $('<div class="waybill-line waybill-try-buttons">').append(tried.button('try.run', () => { this.#try(); }), this.#now),
      tried.result,
    );
    this.#stop = keepAsking(() => askLive(options.nodeId), (live) => { this.#show(live); }, () => { this.#live.text(text('live.silent')); });
  }

  /** What is to be pasted: values, telegrams, or events. */
  expect(mode: string): void {
    const what = mode === 'handshake' ? 'Telegram' : mode === 'events' ? 'Events' : '';
    this.#hint.html(text(`try.hint${what}`));
    this.#tried.field.attr('placeholder', text(`try.placeholder${what}`));
    this.#now.toggle(mode !== 'events');
  }

  close(): void {
    this.#stop();
    this.#tried.close();
  }

  #show(live: Live): void {
    if (!live.running) {
      this.#live.text(text('live.notDeployed'));
      return;
    }
    const { state, counters, values, samples, problems, more, mode } = live;
    const count = (name: string): number => counters[name] ?? 0;
    const counted = text(mode === 'handshake' ? 'live.countedTelegrams' : mode === 'events' ? 'live.countedEvents' : 'live.countedValues', {
      alarms: count('alarms'), answersOpen: count('answersOpen'),
      values: count('values'), events: count('events'), opened: count('opened'), taken: count('taken') + count('again'), acknowledged: count('acknowledged'), again: count('again') + count('duplicate'), gaps: count('gaps'),
    });
    showStanding(this.#live, live, text('live.connected'), counted, text);
    // left alone while nothing is new, so that a row does not move away under a finger
    const news = JSON.stringify([values, samples, problems]);
    if (news === this.#shown) return;
    this.#shown = news;
    this.#known = values;
    this.#problems.empty().toggle(problems.length > 0).append(problems.map((problem) => $('<li class="waybill-wrong">').text(problem)));
    this.#values.empty().append(values.map((value) => valueRow(value)));
    if (values.length === 0 && state.kind === 'connected') this.#values.append($('<dd class="waybill-hint">').text(text('live.none')));
    if (more > 0) this.#values.append($('<dd class="waybill-hint">').text(text('live.more', { count: more })));
    this.#samples.empty().append(samples.map(sampleRow));
  }

  /** The values as they are now, to begin with. */
  #pasteNow(): void {
    const lines = this.#known.filter(({ good }) => good).map(({ tag, value }) => `${tag} = ${value}`);
    if (lines.length === 0) {
      this.#tried.wrong(text('try.nothingNow'));
      return;
    }
    this.#tried.field.val(`${lines.join('\n')}\n`).trigger('focus');
  }

  #try(): void {
    const values = this.#tried.pasted();
    if (values === undefined) return;
    const { site, endpoint, ...config } = this.#options.config();
    const placed = (id: unknown): Readonly<Record<string, unknown>> => (RED.nodes.node(String(id)) ?? {}) as Readonly<Record<string, unknown>>;
    const asked = askTried({ values, config: { ...config, site: placed(site)['siteId'] ?? '', controller: placed(endpoint)['name'] ?? '' } });
    this.#tried.answer(asked, (tried) => { showTried(this.#tried.result, tried); });
  }
}

function valueRow({ tag, value, good, at }: LiveValue): JQuery {
  return $('<dt>').text(tag).add($('<dd>').append(
    $('<code>').text(value === '' ? '–' : clipped(value, SHORT)), ' ',
    $('<span>').toggleClass('waybill-wrong', !good).addClass(good ? 'waybill-unit' : '').text(text(good ? 'live.at' : 'live.bad', { time: clock(at) })),
  ));
}

function sampleRow({ seenAt, kind, title, message }: LiveSample): JQuery {
  // a gap and a value of no use have no case whose title they could show
  const named = kind === 'gap' || title === '' ? '' : `: ${title}`;
  const became = `${text(`live.became.${kind}`)}${named}${message === undefined ? '' : ` (${message})`}`;
  return $('<li class="waybill-sample">').append(
    $('<span class="waybill-sample-head">').text(clock(seenAt)),
    $('<span>').toggleClass('waybill-wrong', kind === 'quarantined' || kind === 'gap' || kind === 'trouble').text(became),
  );
}

function showTried(target: JQuery, { outcomes }: Tried): void {
  target.empty();
  outcomes.forEach((outcome) => {
    const line = text('try.line', { line: outcome.line });
    if (!outcome.ok) {
      $('<div class="waybill-wrong">').text(`✗ ${line}: ${outcome.message}`).appendTo(target);
      return;
    }
    $('<div class="waybill-good">').text(`✓ ${line}: ${[outcome.title, ...outcome.keys.map(({ type, value }) => `${type} ${value}`)].join(' · ')}`).appendTo(target);
    const facts = $('<dl class="waybill-facts">').appendTo(target);
    Object.entries(outcome.facts).forEach(([name, value]) => { facts.append($('<dt>').text(name), $('<dd>').text(clipped(typeof value === 'string' ? value : JSON.stringify(value), SHORT))); });
  });
  if (outcomes.length === 0) $('<div class="waybill-hint">').text(text('try.nothing')).appendTo(target);
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString();
}
