import { clipped } from '../../../src/editor/browser/intake/lines.ts';
import { liveLine, showStanding } from '../../../src/editor/browser/intake/live-line.ts';
import { drawSteadily } from '../../../src/editor/browser/intake/steadily.ts';
import { TriedPart } from '../../../src/editor/browser/intake/tried-part.ts';
import { keepAsking } from '../../../src/editor/browser/keep-asking.ts';
import { textsOf } from '../../../src/editor/browser/texts.ts';
import { askLive, askTried } from './answers.ts';
import type { Live, LiveDevice, LiveEdgeNode, LiveMetric, LiveSample, Tried } from './answers.ts';

const text = textsOf('sparkplug-in');
const SHORT = 80;

export interface PanelOptions {
  readonly nodeId: string;
  /** The form as it stands. */
  readonly config: () => Readonly<Record<string, unknown>>;
  /** Puts a metric that reports into the form. */
  readonly choose: (metric: { readonly group: string; readonly edgeNode: string; readonly device: string | undefined; readonly metric: string }) => void;
}

/** Shows who reports what at the deployed node, and what a pasted payload would become with the form as it stands. */
export class SparkplugPanel {
  readonly #options: PanelOptions;
  readonly #live = liveLine();
  readonly #tree = $('<div class="waybill-sparkplug-tree">');
  readonly #samples = $('<ul class="waybill-samples">');
  readonly #topic = $('<input type="text" spellcheck="false">').attr({ 'aria-label': text('try.topic'), 'placeholder': 'spBv1.0/Plant1/DDATA/Line4/Scanner1' });
  readonly #tried = new TriedPart(3, 'try.payload', text);
  readonly #open = new Set<string>();
  readonly #stop: () => void;
  #shown = '';

  constructor(target: JQuery, options: PanelOptions) {
    this.#options = options;
    const tried = this.#tried;
    target.append(
      this.#live, this.#tree, this.#samples, tried.field,
      $('<div class="waybill-line">').append($('<span class="waybill-unit">').text(text('try.topic')), this.#topic),
      $('<div class="waybill-line waybill-try-buttons">').append(tried.button('try.run', () => { this.#try(); })),
      tried.result,
    );
    this.#stop = keepAsking(() => askLive(options.nodeId), (live) => { this.#show(live); }, () => { this.#live.text(text('live.silent')); });
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
    const { state, counters, samples, edgeNodes, more, hostId } = live;
    const counted = text('live.counted', { messages: counters.messages, reports: counters.reports, refused: counters.refused, rebirths: counters.rebirths, gaps: counters.gaps });
    showStanding(this.#live, live, text('live.online', { hostId }), counted, text);
    // left alone while nothing is new, so that a row does not move away under a finger
    const news = JSON.stringify([edgeNodes, samples]);
    if (news === this.#shown) return;
    const drawn = drawSteadily(this.#tree, () => {
      this.#tree.empty().append(edgeNodes.map((node) => this.#edgeNode(node)));
      if (edgeNodes.length === 0 && state.kind === 'connected') this.#tree.append($('<div class="waybill-hint">').text(text('live.none')));
      if (more > 0) this.#tree.append($('<div class="waybill-hint">').text(text('live.more', { count: more })));
    });
    if (!drawn) return;
    this.#shown = news;
    this.#samples.empty().append(samples.map(sampleRow));
  }

  #edgeNode(node: LiveEdgeNode): JQuery {
    const name = `${node.group}/${node.edgeNode}`;
    const place = { group: node.group, edgeNode: node.edgeNode };
    const notes = [...(node.waiting > 0 ? [text('live.waiting', { count: node.waiting })] : []), ...(node.rebirthAsked === undefined ? [] : [text('live.rebirth', { time: clock(node.rebirthAsked) })])];
    return this.#branch(name, name, node, notes).append(
      this.#metrics(node, { ...place, device: undefined }),
      node.devices.map((device) => this.#branch(`${name}/${device.id}`, device.id, device, []).append(this.#metrics(device, { ...place, device: device.id }))),
    );
  }

  #branch(key: string, name: string, { status, since }: LiveDevice, notes: readonly string[]): JQuery {
    const branch = $('<details>').addClass('waybill-sparkplug-branch').append($('<summary>').attr('data-key', key).append(
      $('<span>').addClass(`waybill-dot waybill-dot-${status === 'online' ? 'connected' : 'disconnected'}`),
      $('<b>').text(name), $('<span>').text(` ${[text(`live.status.${status}`, { time: clock(since) }), ...notes].join(' · ')}`),
    ));
    branch.prop('open', this.#open.has(key)).on('toggle', (event) => {
      if (event.target !== branch[0]) return;
      if (branch.prop('open') === true) this.#open.add(key);
      else this.#open.delete(key);
    });
    return branch;
  }

  #metrics({ metrics, more }: LiveDevice, place: { readonly group: string; readonly edgeNode: string; readonly device: string | undefined }): JQuery {
    const list = $('<ul class="waybill-samples">').append(metrics.map((metric) => $('<li>').append(
      $('<button type="button" class="waybill-sample">').attr({ 'title': text('live.choose'), 'data-key': `${place.group}/${place.edgeNode}/${place.device ?? ''} ${metric.name}` }).append(
        $('<span class="waybill-sample-head">').text(`${metric.name} · ${metric.type}`),
        $('<code>').text(clipped(JSON.stringify(metric.value), SHORT)),
        $('<span>').toggleClass('waybill-wrong', metric.quality !== 'good').text(qualityText(metric)),
      ).on('click', () => { this.#options.choose({ ...place, metric: metric.name }); }),
    )));
    if (more > 0) list.append($('<li class="waybill-hint">').text(text('live.moreMetrics', { count: more })));
    return list;
  }

  #try(): void {
    const payload = this.#tried.pasted();
    if (payload === undefined) return;
    const { site, ...config } = this.#options.config();
    const node = RED.nodes.node(String(site)) as { readonly enterprise?: unknown; readonly siteId?: unknown } | null;
    const asked = askTried({ payload, topic: String(this.#topic.val()).trim(), config: { ...config, enterprise: node?.enterprise ?? '', site: node?.siteId ?? '' } });
    this.#tried.answer(asked, (tried) => { showTried(this.#tried.result, tried); });
  }
}

function sampleRow({ at, source, metric, value, kind, title, message }: LiveSample): JQuery {
  const became = `${text(`live.became.${kind}`)}${title === '' ? '' : `: ${title}`}${message === undefined ? '' : ` (${message})`}`;
  return $('<li class="waybill-sample">').append(
    $('<span class="waybill-sample-head">').text(`${clock(at)} · ${source} · ${metric}`), $('<code>').text(clipped(value, SHORT)),
    $('<span>').toggleClass('waybill-wrong', kind === 'quarantined' || kind === 'lost').text(became),
  );
}

function showTried(target: JQuery, { metrics, outcomes, seq, timestamp }: Tried): void {
  target.empty();
  $('<div>').text([...(timestamp === undefined ? [] : [new Date(timestamp).toLocaleString()]), ...(seq === undefined ? [] : [`seq ${seq}`])].join(' · ')).appendTo(target);
  const list = $('<dl class="waybill-facts">').appendTo(target);
  metrics.forEach(({ name, type, value, note }) => { list.append($('<dt>').text(`${name} · ${type}`), $('<dd>').text(clipped(value, SHORT)).append(note === undefined ? '' : $('<span class="waybill-wrong">').text(` ${note}`))); });
  outcomes.forEach((outcome) => {
    if (!outcome.ok) {
      $('<div class="waybill-wrong">').text(`✗ ${outcome.message}`).appendTo(target);
      return;
    }
    $('<div class="waybill-good">').text(`✓ ${outcome.title}`).appendTo(target);
    const facts = $('<dl class="waybill-facts">').appendTo(target);
    Object.entries(outcome.facts).forEach(([name, value]) => { facts.append($('<dt>').text(name), $('<dd>').text(clipped(typeof value === 'string' ? value : JSON.stringify(value), SHORT))); });
  });
  if (outcomes.length === 0) $('<div class="waybill-hint">').text(text('try.nothing')).appendTo(target);
}

function qualityText({ quality, at }: LiveMetric): string {
  return text(`live.quality.${quality}`, { time: clock(at) });
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString();
}
