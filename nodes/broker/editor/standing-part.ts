import { liveLine, showStanding, type Standing } from '../../../src/editor/browser/intake/live-line.ts';
import { ask } from '../../../src/editor/browser/intake/server.ts';
import { keepAsking } from '../../../src/editor/browser/keep-asking.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';

interface Live extends Standing {
  readonly running: boolean;
  readonly kind?: 'outside' | 'embedded';
  readonly protocolVersion?: 4 | 5;
  readonly counters: { readonly received?: number; readonly durable?: number; readonly redelivered?: number; readonly connects?: number; readonly lastAt?: number };
  readonly inFlight?: { readonly messages: number; readonly bytes: number };
  readonly topics: readonly { readonly filter: string; readonly refused?: string }[];
}

/** Where the deployed broker stands: connected or why not, what it counted, and the topics its nodes take. Returns what ends it. */
export function showBrokerStanding(target: JQuery, nodeId: string, text: Texts): () => void {
  const line = liveLine();
  const topics = $('<ul class="waybill-samples">');
  target.append(line, topics);
  let shown = '';
  const show = (live: Live): void => {
    if (!live.running) {
      line.text(text('live.notDeployed'));
      return;
    }
    showStanding(line, live, standing(live, text), counted(live, text), text);
    const news = JSON.stringify(live.topics);
    if (news === shown) return;
    shown = news;
    topics.empty().append(live.topics.map(({ filter, refused }) => $('<li class="waybill-sample">').append(
      $('<code>').text(filter), refused === undefined ? $() : $('<span class="waybill-wrong">').text(refused),
    )));
    if (live.topics.length === 0) $('<li class="waybill-hint">').text(text('live.noTopics')).appendTo(topics);
  };
  return keepAsking(() => ask<Live>('intake/broker', { data: { node: nodeId } }), show, () => { line.text(text('live.silent')); });
}

function standing({ state, kind, protocolVersion }: Live, text: Texts): string {
  const word = text(`live.state.${state.kind}`);
  if (state.kind !== 'connected') return word;
  return kind === 'embedded' ? text('live.embedded') : `${word} · ${protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'}`;
}

function counted({ counters: { received = 0, durable = 0, redelivered = 0, connects }, inFlight }: Live, text: Texts): string {
  return [
    text('live.counted', { received, durable, again: redelivered }),
    ...(inFlight === undefined || inFlight.messages === 0 ? [] : [text('live.waiting', { messages: inFlight.messages })]),
    ...(connects === undefined || connects < 2 ? [] : [text('live.connects', { connects })]),
  ].join(' · ');
}
