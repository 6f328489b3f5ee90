/**
 * Approvers of a bench, in a process of its own: each has a live stream open and fetches its list when the stream says that
 * tasks changed, as the inbox does; in rounds all of them decide at the same moment. The scans that become tasks are
 * published from here, so that one clock measures from the PUBLISH to the phone. Prints its summary as a line of JSON.
 *
 *   node bench/support/approvers.ts '<ApproversOrder as JSON>'
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../../src/cli/simulate/wire/latencies.ts';
import { publish, ssccOf } from '../publisher.ts';
import type { ApproversOrder, ApproversSummary } from './approvers-protocol.ts';

/** The inbox fetches at once, and then at most so often (src/web/ui/state/live.ts). */
const LIST_EVERY_MS = 500;
/** Approvers whose lists are searched for the newest tasks; the others fetch theirs all the same. */
const PHONES = 5;
const UNITS_FROM = 90_000_000;

interface Task { readonly taskId: string; readonly factsHash: string }

const agent = new Agent({ keepAlive: true, maxSockets: 500 });

/** Sends and resolves with the whole answer. */
function ask(method: 'GET' | 'POST', url: string, headers: Readonly<Record<string, string>>, body?: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, timeout: 20_000, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url} was not answered.`)));
    sent.end(body);
  });
}

/** Tasks whose scan was published and that not every phone has seen. */
class Published {
  readonly #at = new Map<string, number>();

  publishedNow(sscc: string): void {
    this.#at.set(sscc, performance.now());
  }

  /** Those of `known` that are in the list, each once for this phone. */
  seenIn(list: string, known: Set<string>, latencies: Latencies): number {
    const now = performance.now();
    let found = 0;
    for (const [sscc, at] of this.#at) {
      if (known.has(sscc) || !list.includes(sscc)) continue;
      known.add(sscc);
      latencies.add(now - at);
      found += 1;
    }
    return found;
  }
}

class Approver {
  readonly #api: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onList: ((text: string) => void) | undefined;
  readonly #listLatencies: Latencies;
  lists = 0;
  latest: readonly Task[] = [];
  #fetching = false;
  #wanted = false;
  #lastAt = 0;

  constructor(url: string, token: string, listLatencies: Latencies, onList?: (text: string) => void) {
    this.#api = `${url}/waybill/api/v1`;
    this.#headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    this.#listLatencies = listLatencies;
    this.#onList = onList;
  }

  /** Opens the live stream; resolves when it is ready. */
  follow(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = request(`${this.#api}/changes`, { agent: false, headers: { ...this.#headers, accept: 'text/event-stream' } }, (answer) => {
        if (answer.statusCode !== 200) {
          reject(new Error(`GET changes: ${answer.statusCode ?? 0}`));
          return;
        }
        let rest = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const events = (rest + chunk).split('\n\n');
          rest = events.pop() ?? '';
          for (const event of events) {
            if (event.includes('event: ready')) resolve();
            if (event.includes('event: change') && event.includes('"tasks"')) this.refresh();
          }
        });
        answer.on('error', reject);
      });
      stream.on('error', reject);
      stream.end();
    });
  }

  /** Fetches the list now, or as soon as it may again. */
  refresh(): void {
    this.#wanted = true;
    if (this.#fetching) return;
    this.#fetching = true;
    void this.#fetchWhileWanted().finally(() => { this.#fetching = false; });
  }

  async #fetchWhileWanted(): Promise<void> {
    while (this.#wanted) {
      const early = this.#lastAt + LIST_EVERY_MS - performance.now();
      if (early > 0) await sleep(early);
      this.#wanted = false;
      this.#lastAt = performance.now();
      const { status, text } = await ask('GET', `${this.#api}/tasks?limit=50${this.#onList === undefined ? '' : '&sort=newest'}`, this.#headers);
      if (status !== 200) throw new Error(`GET tasks: ${status} ${text}`);
      this.#listLatencies.add(performance.now() - this.#lastAt);
      this.lists += 1;
      this.#onList?.(text);
      if (this.#onList === undefined) this.latest = (JSON.parse(text) as { items: Task[] }).items;
    }
  }

  async decide({ taskId, factsHash }: Task): Promise<void> {
    const body = JSON.stringify({ decision: 'approve', comment: 'Counted twice.', factsHash });
    const { status, text } = await ask('POST', `${this.#api}/tasks/${taskId}/decision`, { ...this.#headers, 'idempotency-key': `bench-${taskId}` }, body);
    if (status !== 200) throw new Error(`The decision was answered with ${status}: ${text}`);
  }
}

async function inRounds(order: ApproversOrder, decideAll: () => Promise<void>): Promise<void> {
  for (let round = 0; round < order.rounds; round += 1) {
    const next = performance.now() + order.roundMs;
    await decideAll();
    await sleep(Math.max(0, next - performance.now()));
  }
}

async function timed(latencies: Latencies, work: Promise<void>): Promise<void> {
  const from = performance.now();
  await work;
  latencies.add(performance.now() - from);
}

async function bare({ url, ...order }: ApproversOrder): Promise<ApproversSummary> {
  const decisionMs = new Latencies();
  let decisions = 0;
  const body = JSON.stringify({ decision: 'approve', comment: 'Counted twice.', factsHash: 'f'.repeat(64) });
  await inRounds({ url, ...order }, async () => {
    await Promise.all(Array.from({ length: order.approvers }, () => timed(decisionMs, ask('POST', `${url}/decision`, {}, body).then(({ status }) => {
      if (status !== 200) throw new Error(`The bare handler answered ${status}.`);
      decisions += 1;
    }))));
  });
  const none = new Latencies().summary();
  return { decisions, decisionMs: decisionMs.summary(), visibleMs: none, seen: 0, lists: 0, listMs: none };
}

async function waybill(order: ApproversOrder): Promise<ApproversSummary> {
  const [decisionMs, visibleMs, listMs] = [new Latencies(), new Latencies(), new Latencies()];
  const published = new Published();
  let [decisions, seen] = [0, 0];
  const people = order.tokens.map((token, i) => {
    const known = new Set<string>();
    return new Approver(order.url, token, listMs, i < PHONES ? (text) => { seen += published.seenIn(text, known, visibleMs); } : undefined);
  });
  for (const person of people) await person.follow();
  const seconds = (order.rounds + 1) * (order.roundMs / 1_000);
  const scanning = publish({
    url: order.mqttUrl, rate: order.tasksPerSecond, seconds, connections: 2, inflight: 64, run: 'tasks', topic: 'acme/dc-1/receiving/dock-2/scan',
    payload: (i) => {
      const sscc = ssccOf(UNITS_FROM + i);
      published.publishedNow(sscc);
      return `{"id":"tasks-${i}","code":"(00)${sscc}","device":"load-${i % 16}","operator":"op-${i % 8}"}`;
    },
  });
  // The first tasks have to be there.
  await sleep(order.roundMs);
  const reader = people.at(-1)!;
  const done = new Set<string>();
  await inRounds(order, async () => {
    const open = reader.latest.filter(({ taskId }) => !done.has(taskId)).slice(0, people.length);
    for (const { taskId } of open) done.add(taskId);
    await Promise.all(open.map((task, i) => timed(decisionMs, people[i]!.decide(task))));
    decisions += open.length;
  });
  const { failure } = await scanning;
  if (failure !== undefined) throw new Error(`The scans that become tasks were not all acknowledged: ${failure}`);
  const lists = people.reduce((sum, person) => sum + person.lists, 0);
  return { decisions, decisionMs: decisionMs.summary(), visibleMs: visibleMs.summary(), seen, lists, listMs: listMs.summary() };
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '{}') as ApproversOrder;
  const summary = order.kind === 'waybill' ? await waybill(order) : await bare(order);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}
