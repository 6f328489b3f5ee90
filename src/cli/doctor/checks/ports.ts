import { createServer, connect } from 'node:net';
import { Findings } from '../finding.ts';
import { getUrl } from '../http-probe.ts';
import { instanceOf } from '../instance.ts';
import { listenerOn } from '../listeners.ts';
import type { Listener } from '../listeners.ts';
import { hostPort, localHost } from '../machine.ts';
import type { Machine, WebAddress } from '../machine.ts';
import type { Check } from '../run-checks.ts';

/** True when something accepts connections there. */
export function isTaken(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: localHost(host), port, signal });
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError') reject(error);
      else resolve(false);
    });
  });
}

/** Why this account cannot listen there; undefined when it can. Only for a port that nobody has. */
function listenProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message); });
    server.listen({ host, port, exclusive: true }, () => { server.close(() => { resolve(undefined); }); });
  });
}

/** What Waybill's health page on this machine says; undefined when there is none. */
export async function localHealth(web: WebAddress, signal: AbortSignal): Promise<{ readonly instance: string | undefined } | undefined> {
  const url = `${web.secure ? 'https' : 'http'}://${hostPort(localHost(web.host), web.port)}${web.path}/healthz`;
  // It is on this machine: a second is long, and others wait for the answer. No HTTP there: not Waybill.
  const answer = await getUrl(url, AbortSignal.any([signal, AbortSignal.timeout(1_000)]), { anyCertificate: true }).catch(() => undefined);
  if (answer?.status !== 200 || !answer.body.startsWith('{"status":"alive"')) return undefined;
  const { instance } = JSON.parse(answer.body) as { instance?: unknown };
  return { instance: typeof instance === 'string' ? instance : undefined };
}

function named(listener: Listener | undefined): string {
  return listener === undefined ? 'another program (which one cannot be seen from this account)' : `process ${listener.pid} (${listener.program})`;
}

function canListen(problem: string | undefined, what: string, at: string, setting: string, findings: Findings): void {
  if (problem === undefined) findings.ok(`${at} is free for ${what}; Waybill does not run`);
  else if (problem === 'EACCES') findings.fail(`this account may not listen on ${at}`, `Use a port from 1024 on (${setting}), and a proxy for 80 and 443.`);
  else if (problem === 'EADDRNOTAVAIL') findings.fail(`${at} is no address of this machine`, 'Set the host to one of its addresses, or to 0.0.0.0 for all.');
  else findings.fail(`${at} cannot be listened on (${problem})`, `Choose another one: ${setting}.`);
}

async function webPort(machine: Machine, findings: Findings, signal: AbortSignal): Promise<void> {
  const { web, mode, ledger, ledgerPid } = machine;
  const setting = mode === 'start' ? 'PORT' : web.path === '/waybill' && (machine.nodeRed?.httpNodeAuth === true || machine.nodeRed?.httpNodeRoot === false) ? 'WAYBILL_WEB_PORT' : 'uiPort in settings.js';
  const at = hostPort(web.host, web.port);
  if (!Number.isInteger(web.port) || web.port < 0 || web.port > 65_535) {
    findings.fail(`${setting} is no port`, 'Use a number from 1 to 65535.');
    return;
  }
  if (web.port === 0) {
    findings.ok('a free port is taken at each start');
    return;
  }
  if (!await isTaken(web.host, web.port, signal)) {
    canListen(await listenProblem(web.host, web.port), 'inbox and editor', at, setting, findings);
    return;
  }
  const [health, listener] = await Promise.all([localHealth(web, signal), listenerOn(web.port)]);
  const ours = health !== undefined && ledger !== undefined && health.instance === instanceOf(ledger.ledgerId);
  if (ours) findings.ok(`${at} is held by Waybill itself, ${named(listener)}`);
  else if (health !== undefined && health.instance === undefined && listener !== undefined && listener.pid === ledgerPid) findings.ok(`${at} is held by Waybill itself, ${named(listener)}, which is not ready`);
  else if (health !== undefined) findings.fail(`${at} is held by a Waybill with another home, ${named(listener)}`, `End that one, or choose another port: ${setting}.`);
  else if (mode === 'node-red' && /node/.test(listener?.program ?? '')) findings.fail(`${at} is held by ${named(listener)}, which answers no ${web.path}/healthz`, 'If that is your Node-RED: install the package in its user folder and restart it; else choose another uiPort.');
  else findings.fail(`${at} is held by ${named(listener)}`, `End that program, or choose another port: ${setting}.`);
}

async function brokerPort({ broker, ledgerPid }: Machine, findings: Findings, signal: AbortSignal): Promise<void> {
  if (broker === undefined) return;
  const at = hostPort(broker.host, broker.port);
  if (!await isTaken(broker.host, broker.port, signal)) {
    canListen(await listenProblem(broker.host, broker.port), 'scanners', at, 'WAYBILL_MQTT_PORT', findings);
    return;
  }
  const listener = await listenerOn(broker.port);
  if (listener !== undefined && listener.pid === ledgerPid) findings.ok(`${at} is held by Waybill's broker, ${named(listener)}`);
  else findings.warn(`${at} is held by ${named(listener)}, not by this Waybill, whose broker then takes the next free port`, 'End that program, set WAYBILL_MQTT_PORT, or use that broker with WAYBILL_MQTT_URL: scanners send to the port they were told.');
}

/** The ports that Waybill needs: free, its own already, or somebody else's. */
export const ports: Check = {
  name: 'ports', title: 'Ports',
  async run(machine, findings, signal) {
    const scanners = new Findings('ports', 'Ports');
    await Promise.all([webPort(machine, findings, signal), brokerPort(machine, scanners, signal)]);
    findings.all.push(...scanners.all);
  },
};
