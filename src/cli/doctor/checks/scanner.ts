import process from 'node:process';
import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import type { Findings } from '../finding.ts';
import { brokersOfFlows } from '../flow-brokers.ts';
import { isCertificateError, reasonOf } from '../http-probe.ts';
import { hostPort, isEverywhere, isLoopback, localHost } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Check } from '../run-checks.ts';
import { shownUrl } from '../secrets.ts';
import { ownAddresses } from './phone.ts';

/** CONNACK codes by which a broker asks for another name or password (MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2). */
const refusals: ReadonlySet<number> = new Set([4, 5, 134, 135]);

type Answer = { readonly kind: 'accepted' | 'refused' } | { readonly kind: 'failed'; readonly error: unknown };

/** TCP, TLS and one MQTT CONNECT under an id of its own; nothing is subscribed or published. */
async function connectOnce(url: string, signal: AbortSignal, options: IClientOptions = {}): Promise<Answer> {
  const { connect } = await import('mqtt');
  return await new Promise((resolve) => {
    const client = connect(url, { ...options, clientId: `waybill-doctor-${process.pid}`, clean: true, reconnectPeriod: 0, connectTimeout: 2_500 });
    const end = (answer: Answer): void => {
      signal.removeEventListener('abort', aborted);
      client.end(true);
      resolve(answer);
    };
    const aborted = (): void => { end({ kind: 'failed', error: signal.reason }); };
    signal.addEventListener('abort', aborted);
    client.once('connect', () => { end({ kind: 'accepted' }); });
    client.once('error', (error) => {
      const code = (error as { code?: unknown }).code;
      end(typeof code === 'number' && refusals.has(code) ? { kind: 'refused' } : { kind: 'failed', error });
    });
    client.once('close', () => { end({ kind: 'failed', error: new Error('the broker cut the connection without an answer') }); });
  });
}

/** Where and to what topic a scanner sends. */
function instructions({ enterprise, site }: Machine, address: string): string {
  return `scanners send to ${address}, topic ${enterprise}/${site}/<area>/<station>/scan, QoS 1`;
}

async function embedded(machine: Machine, findings: Findings, signal: AbortSignal): Promise<void> {
  const { broker, env } = machine;
  if (broker === undefined) return;
  const tls = !isLoopback(broker.host) && Boolean(env['WAYBILL_TLS_CERT']);
  const scheme = tls ? 'mqtts' : 'mqtt';
  // Whether the certificate is good is said under "Phones"; here it is reached by an address that it cannot name.
  const answer = await connectOnce(`${scheme}://${hostPort(localHost(broker.host), broker.port)}`, signal, { rejectUnauthorized: false });
  const outside = isLoopback(broker.host) ? broker.host : isEverywhere(broker.host) ? ownAddresses()[0] ?? broker.host : broker.host;
  const how = instructions(machine, `${scheme}://${hostPort(outside, broker.port)}`);
  if (answer.kind === 'failed') {
    const running = machine.ledgerPid !== undefined && reasonOf(answer.error) !== 'nothing listens there';
    if (running) findings.fail(`${hostPort(broker.host, broker.port)} takes no MQTT connection: ${reasonOf(answer.error)}`, 'Look under "Ports" for what holds the port.');
    else findings.ok(`no broker runs now; when Waybill runs, ${how}`);
  } else findings.ok(`${how}${answer.kind === 'refused' ? ', with the name and password of an account' : ''}`);
  if (isLoopback(broker.host)) findings.warn(`the broker listens on ${broker.host}, which no scanner reaches`, 'Set WAYBILL_MQTT_HOST=0.0.0.0 with WAYBILL_TLS_CERT and WAYBILL_TLS_KEY, or use a broker outside with WAYBILL_MQTT_URL.');
  else if (!tls) findings.warn('the broker takes plain text', 'Set WAYBILL_TLS_CERT and WAYBILL_TLS_KEY: scans and passwords pass readable for everybody in this network.');
}

async function outside(machine: Machine, url: string, whose: string, findings: Findings, signal: AbortSignal): Promise<void> {
  const form = URL.canParse(url) ? new URL(url) : undefined;
  if (form === undefined || !/^(mqtts?|wss?):$/.test(form.protocol)) {
    findings.fail(`${whose} is no broker's address`, 'Use mqtt://, mqtts://, ws:// or wss://, for example mqtts://broker.example.com:8883.');
    return;
  }
  const shown = shownUrl(url);
  const ca = machine.env['NODE_EXTRA_CA_CERTS'];
  const answer = await connectOnce(url, signal, ca ? { ca: [await readFile(ca)] } : {});
  const plain = (form.protocol === 'mqtt:' || form.protocol === 'ws:') && !isLoopback(form.hostname);
  if (answer.kind === 'failed' && isCertificateError(answer.error)) findings.fail(`${shown}: ${reasonOf(answer.error)}`, 'Mend the broker\'s certificate, or name its authority in NODE_EXTRA_CA_CERTS.');
  else if (answer.kind === 'failed') findings.fail(`${shown} takes no MQTT connection: ${reasonOf(answer.error)}`, `Start the broker, or mend ${whose} and the firewall.`);
  else if (answer.kind === 'refused' && form.username !== '') findings.fail(`${shown} refuses the name and password`, `Mend them in ${whose}.`);
  else if (answer.kind === 'refused') findings.ok(`${shown} answers and asks for a name and password, which broker nodes may hold; ${instructions(machine, shown)}`);
  else findings.ok(`${shown} answers; ${instructions(machine, shown)}`);
  if (plain) findings.warn(`${shown} is plain text`, 'Use mqtts://: scans and passwords pass readable for everybody in this network.');
  if (isLoopback(form.hostname)) findings.warn(`${shown} is an address of this machine only`, 'Scanners need the broker\'s address in the network; check that it listens there.');
}

/** Whether a scanner can deliver. */
export const scanner: Check = {
  name: 'scanner', title: 'Scanners',
  async run(machine, findings, signal) {
    if (machine.broker !== undefined) {
      await embedded(machine, findings, signal);
      return;
    }
    const own = machine.mode === 'node-red' ? await brokersOfFlows(machine) : [];
    const urls = [...(machine.mqttUrl === undefined ? [] : [[machine.mqttUrl, 'WAYBILL_MQTT_URL'] as const]), ...own.map((url) => [url, 'the broker node\'s address'] as const)];
    if (urls.length === 0) findings.warn('no broker is set', 'Give a broker node an address, or set WAYBILL_MQTT_URL, so that scans come in.');
    await Promise.all(urls.slice(0, 8).map(async ([url, whose]) => { await outside(machine, url, whose, findings, signal); }));
  },
};
