/** What a simulated day tells the person who started it. */
import { createHash } from 'node:crypto';
import type { LineCut } from './fleet.ts';
import type { SitePlan } from './plan.ts';
import type { SiteRunner } from './runner.ts';
import { eventLine } from './site-event.ts';
import { Tally } from './tally.ts';
import type { TallyFile } from './tally.ts';

const KIND_TEXTS: Readonly<Record<string, string>> = {
  'unit': 'handling units', 'piece': 'single pieces', 'parcel': 'parcels on the sorter', 'passage': 'passages through a portal', 'passage-again': 'the same tags read again',
  'redelivered': 'the same message twice', 'triggerDouble': 'the trigger pulled twice', 'checkDigit': 'labels with a wrong check digit',
  'cut': 'labels read in part', 'symbology': 'labels that are no GS1 labels', 'binary': 'binary rubbish', 'brokenJson': 'broken JSON', 'wrongTopic': 'topics that nobody takes',
  'wrongSite': 'topics of another site', 'lateClock': 'clocks that are behind', 'futureClock': 'clocks that are ahead', 'huge': 'messages that are too large',
  'unknownDevice': 'unknown devices', 'noRead': 'no-reads of the sorter', 'doubleRead': 'parcels read twice', 'stray': 'stray tags',
};

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 3_600)}:${String(Math.floor(whole / 60) % 60).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

let last = { at: 0, acknowledged: 0, rate: 0 };

/** One line while it runs. */
export function dayProgress(runner: SiteRunner, seconds: number): string {
  const { tally } = runner;
  const now = performance.now();
  if (now - last.at > 1_900) last = { at: now, acknowledged: tally.acknowledged, rate: last.at === 0 ? 0 : ((tally.acknowledged - last.acknowledged) * 1_000) / (now - last.at) };
  const away = runner.devices - runner.connected;
  return `${clock(Math.min(runner.simulatedMs / 1_000, seconds))} of ${clock(seconds)} · ${count(tally.sent)} sent · ${count(tally.acknowledged)} acknowledged · ${count(last.rate)}/s · ${count(runner.outstanding)} outstanding`
    + (away > 0 ? ` · ${away} of ${runner.devices} devices without a line` : '') + (runner.behindSeconds > 1 ? ` · ${runner.behindSeconds.toFixed(0)} s behind` : '');
}

function kindRows(kinds: Readonly<Record<string, { readonly messages: number; readonly scans: number; readonly acknowledged: number }>>): string[] {
  const rows = [['', 'messages', 'scans', 'acknowledged'], ...Object.entries(kinds).map(([kind, { messages, scans, acknowledged }]) => [KIND_TEXTS[kind] ?? kind, count(messages), count(scans), count(acknowledged)])];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map(([label = '', ...figures]) => `${label.padEnd(widths[0] ?? 0)}  ${figures.map((figure, at) => figure.padStart(widths[at + 1] ?? 0)).join('  ')}`);
}

function expectedLine({ opened, repeat, duplicate, quarantined, nowhere }: TallyFile['expected']): string {
  return `Should have become: ${count(opened)} cases, ${count(repeat)} repeats on their cases, ${count(duplicate)} duplicates that change nothing, ${count(quarantined)} in quarantine, ${count(nowhere)} nowhere.`;
}

/** The table at the end. */
export function daySummary(tally: TallyFile): string {
  const { messages, latencyMs, outages } = tally;
  return [
    ...kindRows(tally.kinds), '',
    `${count(messages.planned)} messages with ${count(tally.scans.planned)} scans, ${count(messages.acknowledged)} messages acknowledged in ${tally.realSeconds} s (${count(messages.acknowledged / Math.max(0.001, tally.realSeconds))}/s, ${count(tally.peakPerSecond)}/s in the busiest second).`,
    `From sending to acknowledgement: ${latencyMs.p50} ms, ${latencyMs.p95} ms at 95 %, ${latencyMs.p99} ms at 99 %, at most ${latencyMs.max} ms.`,
    `Outages: ${outages.lineCuts} cut lines, devices out of reach ${outages.devicesOffline} times, ${count(messages.resent)} messages sent again.`,
    expectedLine(tally.expected),
    `Plan ${tally.planHash.slice(0, 16)}: profile ${tally.profile}, seed ${tally.seed}, run ${tally.run}.`,
  ].join('\n');
}

/** What a plan holds, without sending anything. */
export function planText(plan: SitePlan, cuts: readonly LineCut[], seconds: number): string {
  const tally = new Tally();
  const digest = createHash('sha256');
  for (const event of plan.events) {
    tally.onPlanned(event);
    tally.onAcknowledged(event);
    digest.update(eventLine(event));
  }
  const offline = plan.fleet.reduce((sum, { offline: spans }) => sum + spans.length, 0);
  return [
    ...kindRows(Object.fromEntries([...tally.kinds].map(([kind, counts]) => [kind, { ...counts, acknowledged: 0 }]))).map((line) => line.replace(/ +\S+$/, '')), '',
    `${count(tally.planned)} messages with ${count(tally.plannedScans)} scans of ${plan.fleet.length} devices in ${clock(seconds)} of simulated time; ${cuts.length} cut lines, devices out of reach ${offline} times.`,
    expectedLine({ ...tally.expected, reasons: {} }),
    `Plan ${digest.digest('hex').slice(0, 16)}`, '',
  ].join('\n');
}
