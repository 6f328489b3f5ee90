import { keepAsking } from '../keep-asking.ts';
import type { Texts } from '../texts.ts';
import { clipped, oneLine } from './lines.ts';
import { liveLine, showStanding, type Standing } from './live-line.ts';
import { ask } from './server.ts';
import { drawSteadily } from './steadily.ts';

/** A message that arrived, and what became of it. */
export interface Sample {
  readonly at: number;
  readonly topic: string;
  readonly text: string;
  readonly became: readonly { readonly kind: string; readonly title: string; readonly message?: string }[];
}

interface Live extends Standing {
  readonly running: boolean;
  readonly counters: { readonly received: number; readonly redelivered: number; readonly durable: number; readonly lastAt?: number };
  readonly samples: readonly Sample[];
}

export interface ArrivalsOptions {
  readonly nodeId: string;
  /** Texts of the node, with those below `live`. */
  readonly text: Texts;
  /** How much of a message is shown. */
  readonly longest: number;
  /** A message was chosen, to be tried. */
  readonly use: (sample: Sample) => void;
}

/** What arrives at a deployed intake: where it stands, and its last messages, the newest first. */
export class Arrivals {
  readonly close: () => void;
  readonly #options: ArrivalsOptions;
  readonly #line = liveLine();
  readonly #list = $('<ul class="waybill-samples">');
  #shown = '';
  #samples: readonly Sample[] = [];

  constructor(target: JQuery, options: ArrivalsOptions) {
    this.#options = options;
    const { nodeId, text } = options;
    target.append(this.#line, this.#list);
    this.close = keepAsking(() => ask<Live>('intake', { data: { node: nodeId } }), (live) => { this.#show(live); }, () => { this.#line.text(text('live.silent')); });
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  #show(live: Live): void {
    const { text } = this.#options;
    if (!live.running) {
      this.#line.text(text('live.notDeployed'));
      return;
    }
    const { state, counters, samples } = live;
    showStanding(this.#line, live, text(`live.state.${state.kind}`), text('live.counted', { received: counters.received, durable: counters.durable, again: counters.redelivered }), text);
    // left alone while nothing is new, so that a row does not move away under a finger
    const news = JSON.stringify(samples);
    if (news === this.#shown) return;
    const drawn = drawSteadily(this.#list, () => {
      this.#list.empty().append(samples.map((sample) => this.#row(sample)));
      if (samples.length === 0) $('<li class="waybill-hint">').text(text('live.none')).appendTo(this.#list);
    });
    if (!drawn) return;
    this.#shown = news;
    this.#samples = samples;
  }

  #row(sample: Sample): JQuery {
    const { text, longest, use } = this.#options;
    const became = sample.became.map(({ kind, title, message }) => `${text(`live.became.${kind}`)}${title === '' ? '' : `: ${title}`}${message === undefined ? '' : ` (${message})`}`);
    return $('<li>').append($('<button type="button" class="waybill-sample">').attr({ 'title': text('live.use'), 'data-key': `${sample.at} ${sample.topic}` })
      .append(
        $('<span class="waybill-sample-head">').text(`${new Date(sample.at).toLocaleTimeString()} · ${sample.topic}`),
        $('<code>').text(clipped(oneLine(sample.text), longest)),
        $('<span>').toggleClass('waybill-wrong', sample.became.some(({ kind }) => kind === 'quarantined')).text(became.length === 0 ? text('live.became.waiting') : became.join('; ')),
      )
      .on('click', () => { use(sample); }));
  }
}
