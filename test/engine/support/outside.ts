import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { ProcessGone } from './node-red-process.ts';
import type { NodeRedProcess } from './node-red-process.ts';
import type { FlowNode } from './messages.ts';
import { supervisor } from './person.ts';

/** What the world outside remembers of one run: PROTOCOL §9, "histories recorded outside". */
export interface History {
  /** A device or flow has been told that its message is taken. */
  acknowledged: boolean;
  /** Cases that acknowledgements named. */
  readonly caseIds: Set<string>;
  /** A person has been told that the decision stands. */
  decided: boolean;
}

export function newHistory(): History {
  return { acknowledged: false, caseIds: new Set(), decided: false };
}

/** How a case comes in from outside. */
export type Intake = 'scan' | 'message';

const topic = 'acme/dc-1/receiving/dock-1/scan';
const code = '(00)340123450000000086';

/** How long a device waits for its acknowledgement before it sends again, ms. */
const patienceMs = 5_000;

/** A scanner: publishes with QoS 1 and is done when the PUBACK has come. */
async function scan(url: string, history: History, heard: () => Promise<unknown>): Promise<void> {
  const client: MqttClient = connect(url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5_000 });
  client.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => { client.once('close', () => resolve()); });
  const timer = setTimeout(() => { client.end(true); }, patienceMs);
  const published = client.publishAsync(topic, JSON.stringify({ id: 'e-1', code }), { qos: 1 }).then(async () => {
    history.acknowledged = true;
    await heard();
  });
  // A publish that a lost connection leaves open is neither taken nor refused; the device sends it again.
  await Promise.race([published, gone]);
  published.catch(() => undefined);
  clearTimeout(timer);
  client.end(true);
}

/** Brings the case in, again and again as a device does, until it is acknowledged or the process is gone. */
export async function bringIn(intake: Intake, node: NodeRedProcess, broker: string, history: History, heard: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  node.onAcknowledged(({ result }) => {
    history.caseIds.add(result.caseId);
    if (intake === 'scan') return;
    history.acknowledged = true;
    void heard();
  });
  const end = Date.now() + 4 * patienceMs;
  while (!history.acknowledged && !node.gone) {
    if (Date.now() > end) throw new Error(`nothing was acknowledged within ${4 * patienceMs} ms; the log of the process:\n${node.log}`);
    if (intake === 'scan') await scan(broker, history, heard);
    else {
      await node.ask('inject', { node: 'n-open', msg: { payload: { id: 'e-1', code } } });
      const tryAgainAt = Date.now() + patienceMs;
      await until(() => history.acknowledged || node.gone || Date.now() > tryAgainAt);
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => { setTimeout(resolve, 2); });
}

type Answer = { readonly ok: boolean; readonly code?: string };

/** A person who approves what is asked, and asks again when no answer came. */
export async function approve(node: NodeRedProcess, history: History, heard: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  const { open } = await node.until((seen) => seen.closed.length > 0 || seen.open.some((c) => c.tasks.length > 0));
  const task = open.flatMap((c) => c.tasks)[0];
  if (task === undefined) return;
  const answer = await node.ask('decideTask', { ...task, decision: 'approve', by: supervisor, commandKey: `decision-${task.taskId}` }) as Answer;
  if (!answer.ok) throw new Error(`the decision was refused: ${JSON.stringify(answer)}`);
  history.decided = true;
  await heard();
}

/** Exceptions that a person resolves by letting the case go on; of others the case does not depend. */
const toResolve = new Set(['business', 'stalled-token']);

/** People who decide what is asked and resolve what holds the case, until it is closed. `heard` is told the number of each answer. */
export async function attend(node: NodeRedProcess, history: History, heard: (n: number) => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  for (let n = 1; ;) {
    const { open, closed } = await node.until((seen) => seen.closed.length > 0 || seen.open.some((c) => c.tasks.length > 0 || c.exceptions.some((e) => toResolve.has(e.class))));
    if (closed.length > 0) return;
    if (open.some((c) => c.tasks.length > 0)) await approve(node, history, () => heard(n));
    else {
      const exception = open.flatMap((c) => c.exceptions).find((e) => toResolve.has(e.class));
      const answer = await node.ask('resolveException', { exceptionId: exception?.exceptionId ?? '', outcome: 'retry', code: 'gone-on', by: supervisor, commandKey: `resolution-${exception?.exceptionId ?? ''}` }) as Answer;
      // It may have been resolved by its message, which has arrived by now.
      if (!answer.ok && answer.code !== 'exception-resolved' && answer.code !== 'outcome-not-possible') throw new Error(`the resolution was refused: ${JSON.stringify(answer)}`);
      await heard(n);
    }
    n += 1;
  }
}

/** An engineer who retries every message that did not arrive. */
export async function retryStalled(node: NodeRedProcess): Promise<number> {
  const { open } = await node.ask('look', {});
  const stalled = open.flatMap((c) => c.exceptions).filter((e) => e.class === 'stalled-token');
  for (const { exceptionId } of stalled) {
    const answer = await node.ask('resolveException', { exceptionId, outcome: 'retry', code: 'sent-again', by: supervisor }) as Answer;
    // It may have arrived in this moment.
    if (!answer.ok && answer.code !== 'exception-resolved' && answer.code !== 'outcome-not-possible') throw new Error(`the retry was refused: ${JSON.stringify(answer)}`);
  }
  return stalled.length;
}

/** Deploys over the admin API, as the editor does. */
export async function deploy(admin: string, type: 'full' | 'flows' | 'nodes', flows: readonly FlowNode[]): Promise<void> {
  const response = await fetch(`${admin}/flows`, { method: 'POST', headers: { 'content-type': 'application/json', 'node-red-deployment-type': type }, body: JSON.stringify(flows) });
  if (!response.ok) throw new Error(`the deploy was answered with ${response.status} ${await response.text()}`);
}

/** Runs what a killed process cuts short. */
export async function cutShort(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProcessGone)) throw error;
  }
}
