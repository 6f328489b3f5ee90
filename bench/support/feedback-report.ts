import type { FeedbackResult, FeedbackRun } from '../feedback.ts';
import type { Machine } from './machine.ts';
import { count, met, ms, table, times } from './page.ts';

/** What a person does not notice as waiting. */
const TARGET_MS = 150;

export function feedbackTargets(figures: FeedbackResult | undefined): string[][] {
  return (figures?.runs ?? []).map((run) => {
    const { scans, rate, noDelay } = run;
    const echo = run.rows.find(({ what }) => what === 'echo')?.ms.p95 ?? 0;
    return [`from the scan to its answer at the scanner, ${rate}/s, ${brokerOf(noDelay)}, p95`, `< ${TARGET_MS} ms`, ms(scans.p95), met(scans.p95 < TARGET_MS && isWhole(run)), `bare MQTT echo: ${ms(echo)}`, times(scans.p95, echo)];
  });
}

function brokerOf(noDelay: boolean): string {
  return noDelay ? 'Mosquitto with `set_tcp_nodelay true`' : 'Mosquitto as installed';
}

/** Every scan was answered, and as its label deserved. */
function isWhole({ rows, wrong }: FeedbackRun): boolean {
  return wrong === 0 && rows.every(({ sent, answered }) => sent === answered);
}

const NAMES = { good: 'good: recorded', bad: 'bad: damaged, or scanned before', echo: 'bare MQTT echo' } as const;

/** @param load average of the minute before, on `cores` */
export function feedbackSection({ runs }: FeedbackResult, { loadBefore: load, cores }: Pick<Machine, 'loadBefore' | 'cores'>): string {
  const [first] = runs;
  if (first === undefined) return '';
  return `## Answers to the scanner

${count(first.rate)} scans a second for ${first.seconds} s from ${first.scanners} scanners through Mosquitto, and between every two the same message to a bare MQTT client that sends it back: same broker, same connections, QoS 1 there and QoS 0 back, MQTT 5 with response topic and correlation data. Measured from the publish until the answer is at the scanner, the first one where it is told to wait. A scan is answered *good* when its case is on disk, *bad* when the message is in quarantine or the repeat on its case. As installed, Mosquitto holds a small packet back until the scanner's system has acknowledged the one before (Nagle), which most do after 40 ms; [\`set_tcp_nodelay true\`](mqtt-brokers.md) ends that, for any client.${load > cores ? ` Other work ran on the machine meanwhile (load ${load} on ${cores} cores): the slow tenth says more about that than about Waybill.` : ''}

${table(['Broker', 'Answer', 'Sent', 'Answered', 'p50', 'p95', 'p99', 'Slowest', 'Told to wait first', 'Answered wrongly'], runs.flatMap((run) => run.rows.map(({ what, sent, answered, ms: took }) => [
    brokerOf(run.noDelay), NAMES[what], count(sent), count(answered), ms(took.p50), ms(took.p95), ms(took.p99), ms(took.max), ...(what === 'echo' ? ['', ''] : what === 'good' ? [count(run.waited), count(run.wrong)] : ['', '']),
  ])))}`;
}
