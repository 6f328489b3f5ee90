/**
 * How long the person with the scanner waits: from the scan until its answer (good, bad or wait) is at the scanner, through
 * Mosquitto; in turns with the same message to a bare MQTT client that sends it back.
 *
 *   node bench/feedback.ts [scans a second, 200] [seconds, 30]
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { ROOT } from '../scripts/lib/paths.ts';
import { Latencies, type LatencySummary } from '../src/cli/simulate/wire/latencies.ts';
import { ssccOf } from './publisher.ts';
import { withMosquitto } from './shop-floor/brokered.ts';
import { feedbackFlow } from './support/flows.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import type { ProbeReading } from './support/probe-protocol.ts';

export interface FeedbackRow {
  readonly what: 'good' | 'bad' | 'echo';
  readonly sent: number;
  readonly answered: number;
  /** From the publish until the answer is at the scanner; the first answer where it is told to wait. */
  readonly ms: LatencySummary;
}

export interface FeedbackRun {
  /** `set_tcp_nodelay` of Mosquitto. */
  readonly noDelay: boolean;
  /** Scans a second; as many echoes beside them. */
  readonly rate: number;
  readonly seconds: number;
  readonly scanners: number;
  /** Scans that were told to wait first. */
  readonly waited: number;
  /** Answers that were of another kind than the label deserved. */
  readonly wrong: number;
  /** All scans. */
  readonly scans: LatencySummary;
  readonly rows: readonly FeedbackRow[];
  readonly process: ProbeReading;
}

const SCANNERS = 8;
const WARM_UP_SECONDS = 3;
const PATIENCE_MS = 10_000;

type Expected = FeedbackRow['what'];

interface Asked { readonly at: number; readonly expected: Expected; heard: boolean }

/** The broker as it is installed, and with `set_tcp_nodelay true`. */
export interface FeedbackResult { readonly runs: readonly FeedbackRun[] }

/** Eight scanners, each with a connection and a response topic of its own. */
class Scanners {
  readonly #clients: readonly MqttClient[];
  readonly #asked = new Map<string, Asked>();
  #all = new Latencies();
  #latencies = { good: new Latencies(), bad: new Latencies(), echo: new Latencies() };
  #sent = { good: 0, bad: 0, echo: 0 };
  #answered = { good: 0, bad: 0, echo: 0 };
  #waited = 0;
  #wrong = 0;

  private constructor(clients: readonly MqttClient[]) {
    this.#clients = clients;
    for (const client of clients) client.on('message', (_topic, payload, packet) => { this.#heard(String(packet.properties?.correlationData), payload.toString()); });
  }

  static async connect(url: string): Promise<Scanners> {
    const clients: MqttClient[] = [];
    for (let n = 0; n < SCANNERS; n += 1) {
      const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: `scanner-${n}` });
      await client.subscribeAsync(answersOf(n), { qos: 0 });
      clients.push(client);
    }
    return new Scanners(clients);
  }

  /** Forgets what was measured; what is on its way is not counted. */
  reset(): void {
    this.#asked.clear();
    this.#all = new Latencies();
    this.#latencies = { good: new Latencies(), bad: new Latencies(), echo: new Latencies() };
    this.#sent = { good: 0, bad: 0, echo: 0 };
    this.#answered = { good: 0, bad: 0, echo: 0 };
    this.#waited = this.#wrong = 0;
  }

  send(i: number, expected: Expected, payload: string): void {
    const n = i % SCANNERS;
    const name = `${expected}-${i}`;
    const topic = expected === 'echo' ? `acme/dc-1/echo/dock-${n}` : `acme/dc-1/receiving/dock-${n}/scan`;
    this.#sent[expected] += 1;
    this.#asked.set(name, { at: performance.now(), expected, heard: false });
    this.#clients[n]?.publish(topic, payload, { qos: 1, properties: { responseTopic: answersOf(n), correlationData: Buffer.from(name) } });
  }

  /** Waits until everything is answered, or nothing more can come. */
  async settled(): Promise<void> {
    for (const until = performance.now() + PATIENCE_MS; this.#asked.size > 0 && performance.now() < until;) await sleep(20);
  }

  figures(): Pick<FeedbackRun, 'rows' | 'scans' | 'waited' | 'wrong'> {
    const row = (what: Expected): FeedbackRow => ({ what, sent: this.#sent[what], answered: this.#answered[what], ms: this.#latencies[what].summary() });
    return { waited: this.#waited, wrong: this.#wrong, scans: this.#all.summary(), rows: [row('good'), row('bad'), row('echo')] };
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client.endAsync(true);
  }

  #heard(name: string, payload: string): void {
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    const { expected, at } = asked;
    const kind = expected === 'echo' ? 'echo' : (JSON.parse(payload) as { readonly kind: string }).kind;
    if (!asked.heard) {
      asked.heard = true;
      const ms = performance.now() - at;
      this.#latencies[expected].add(ms);
      if (expected !== 'echo') this.#all.add(ms);
    }
    if (kind === 'wait') {
      this.#waited += 1;
      return;
    }
    this.#asked.delete(name);
    this.#answered[expected] += 1;
    if (kind !== expected) this.#wrong += 1;
  }
}

function answersOf(n: number): string {
  return `scanner/${n}/answer`;
}

/** Every 25th label is damaged, every other 25th was scanned before; the others are units of their own. */
function scanOf(run: string, from: number, i: number): { readonly expected: 'good' | 'bad'; readonly payload: string } {
  const id = `${run}-${i}`;
  const scan = (code: string): string => JSON.stringify({ id, code: `(00)${code}`, device: `ring-${i % SCANNERS}`, operator: `op-${i % SCANNERS}` });
  const sscc = ssccOf(from + i);
  if (i % 50 === 24) return { expected: 'bad', payload: scan(`${sscc.slice(0, -1)}${(Number(sscc.at(-1)) + 1) % 10}`) };
  if (i % 50 === 49) return { expected: 'bad', payload: scan(ssccOf(from + i - 40)) };
  return { expected: 'good', payload: scan(sscc) };
}

async function play(scanners: Scanners, run: string, from: number, rate: number, seconds: number): Promise<void> {
  const began = performance.now();
  for (let i = 0; i < rate * seconds * 2; i += 1) {
    const due = began + i * 500 / rate - performance.now();
    if (due > 1) await sleep(due);
    const at = Math.floor(i / 2);
    const { expected, payload } = scanOf(run, from, at);
    scanners.send(at, i % 2 === 0 ? expected : 'echo', payload);
  }
  await scanners.settled();
}

/** `rate` scans a second and as many echoes between them, for so long each. */
export async function benchFeedback(rate: number, seconds: number): Promise<FeedbackResult> {
  return { runs: [await run(rate, seconds, false), await run(rate, seconds, true)] };
}

function run(rate: number, seconds: number, noDelay: boolean): Promise<FeedbackRun> {
  return withMosquitto(async ({ broker, waybill: start }) => {
    const waybill = await start();
    const echo = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/echo.ts'), broker.url, 'acme/dc-1/echo/+'] });
    await echo.printed(/^echoing$/m);
    const scanners = await Scanners.connect(broker.url);
    try {
      await play(scanners, 'warm-up', 0, rate, WARM_UP_SECONDS);
      scanners.reset();
      await waybill.ask('reset');
      await play(scanners, 'load', 20_000_000, rate, seconds);
      return { noDelay, rate, seconds, scanners: SCANNERS, ...scanners.figures(), process: await waybill.read() };
    } finally {
      await scanners.end();
      await echo.end();
      await waybill.end();
    }
  }, feedbackFlow(), noDelay ? ['set_tcp_nodelay true'] : []);
}

if (import.meta.main) {
  const [rate = '200', seconds = '30'] = process.argv.slice(2);
  console.log(JSON.stringify(await benchFeedback(Number(rate), Number(seconds)), null, 1));
}
