import { getUrl } from '../http-probe.ts';
import { isRunning } from '../listeners.ts';
import { hostPort, localHost } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Check } from '../run-checks.ts';
import { localHealth } from './ports.ts';
import { instanceOf } from '../instance.ts';

/** Checkpoints are signed within a second; after a minute something is wrong. */
const lateMs = 60_000;

/** A duration in the unit that says most. */
export function ago(iso: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1_000);
  if (seconds < 100) return `${Math.round(seconds)} s ago`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** What the running Waybill of this home says of itself; undefined when none answers. */
async function readiness(machine: Machine, signal: AbortSignal): Promise<{ readonly status: string; readonly reason?: string } | undefined> {
  const health = await localHealth(machine.web, signal);
  const mine = machine.ledger === undefined ? undefined : instanceOf(machine.ledger.ledgerId);
  if (health === undefined || (health.instance !== undefined && health.instance !== mine)) return undefined;
  const { web } = machine;
  const answer = await getUrl(`${web.secure ? 'https' : 'http'}://${hostPort(localHost(web.host), web.port)}${web.path}/readyz`, signal, { anyCertificate: true }).catch(() => undefined); // it just ended: not running
  return answer?.body.startsWith('{') === true ? JSON.parse(answer.body) as { status: string; reason?: string } : undefined;
}

/** The ledger: does it take commits, how far is it signed, has anybody outside seen it. */
export const ledger: Check = {
  name: 'ledger', title: 'Ledger',
  async run(machine, findings, signal) {
    const state = await readiness(machine, signal);
    if (state !== undefined && state.status !== 'ready') findings.fail(`Waybill runs, and is ${state.status}: ${state.reason ?? 'no reason given'}`, 'Do what the reason says; until then nothing is taken in and devices keep what they have.');
    else if (state?.reason !== undefined) findings.warn(state.reason, 'Open the editor and mend the flows.');
    if (machine.ledgerProblem !== undefined) {
      findings.fail(machine.ledgerProblem, 'Do what the message says; "waybill ledger verify" looks closer.');
      return;
    }
    const glance = machine.ledger;
    if (glance === undefined) {
      findings.ok('none yet; the first start makes it');
      return;
    }
    const { events, checkpoint, unwitnessedSince } = glance;
    const running = state !== undefined || (machine.ledgerPid !== undefined && isRunning(machine.ledgerPid));
    const signed = checkpoint === undefined ? 'no checkpoint yet' : `newest checkpoint ${ago(checkpoint.signedAt)} over ${checkpoint.size}`;
    const unsigned = events - (checkpoint?.size ?? 0);
    const late = unsigned > 0 && glance.lastRecordedAt !== undefined && Date.now() - Date.parse(glance.lastRecordedAt) > lateMs;
    const found = `${events} events, ${signed}`;
    if (late && running) findings.fail(`${found}, ${unsigned} events unsigned for more than a minute`, 'Restart Waybill; when it stays like this, look at the log for what keeps the tree from being written.');
    else if (late) findings.warn(`${found}, ${unsigned} events unsigned`, 'Start Waybill: it signs them when it opens.');
    else findings.ok(found);
    if (unwitnessedSince !== undefined) {
      findings.warn(`unwitnessed since ${unwitnessedSince.slice(0, 19).replace('T', ' ')} UTC: nobody outside has countersigned`, 'Copy checkpoints.log elsewhere regularly: what somebody outside has kept cannot be rewritten unseen.');
    }
  },
};
