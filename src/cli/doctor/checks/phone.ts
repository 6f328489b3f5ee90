import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { publicUrlProblem } from '../../../web/server/reach/index.ts';
import type { Findings } from '../finding.ts';
import { getUrl, isCertificateError, reasonOf } from '../http-probe.ts';
import { instanceOf } from '../instance.ts';
import { hostPort, isEverywhere, isLoopback } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Check } from '../run-checks.ts';
import { shownUrl } from '../secrets.ts';
import { localHealth } from './ports.ts';

const day = 86_400_000;

/** Addresses of this machine that others may reach, IPv4 first; no link-local ones. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'))
    .sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}

/** The address a phone opens: what is configured, else what can be guessed; undefined when only this machine reaches it. */
export function inboxUrl({ publicUrl, web }: Machine): string | undefined {
  if (publicUrl !== undefined) return URL.canParse(publicUrl) ? `${publicUrl.replace(/\/+$/, '')}/waybill/` : undefined;
  if (isLoopback(web.host)) return undefined;
  const host = isEverywhere(web.host) ? ownAddresses()[0] : web.host;
  return host === undefined ? undefined : `${web.secure ? 'https' : 'http'}://${hostPort(host, web.port)}${web.path}/`;
}

function listening(machine: Machine, findings: Findings): void {
  const { web, publicUrl } = machine;
  const addresses = ownAddresses();
  const where = addresses.length === 0 ? 'this machine has no address in a network' : `this machine is ${addresses.slice(0, 4).join(', ')}`;
  if (isLoopback(web.host) && publicUrl === undefined) {
    findings.warn(`listens on ${web.host}, which no phone reaches; ${where}`, machine.mode === 'start'
      ? 'Set HOST=0.0.0.0 with WAYBILL_TLS_CERT and WAYBILL_TLS_KEY, or put a proxy with TLS in front and set WAYBILL_PUBLIC_URL.'
      : 'Set uiHost and https in settings.js, or put a proxy with TLS in front and set WAYBILL_PUBLIC_URL.');
  } else if (!isLoopback(web.host) && !web.secure && !(publicUrl ?? '').startsWith('https:')) {
    findings.warn(`listens on ${hostPort(web.host, web.port)} in plain text; ${where}`, machine.mode === 'start'
      ? 'Set WAYBILL_TLS_CERT and WAYBILL_TLS_KEY, or let a proxy do TLS: passwords and decisions pass readable for everybody in this network.'
      : 'Set https in settings.js, or listen on 127.0.0.1 behind a proxy with TLS: passwords and decisions pass readable for everybody in this network.');
  } else findings.ok(`listens on ${hostPort(web.host, web.port)}${web.secure ? ' with TLS' : ''}; ${where}`);
}

/** Names that the certificate has to fit: the public one, else the machine's own address. */
function expectedHost({ publicUrl, web }: Machine): string | undefined {
  if (publicUrl !== undefined && URL.canParse(publicUrl)) return new URL(publicUrl).hostname;
  return isEverywhere(web.host) || isLoopback(web.host) ? undefined : web.host;
}

/** The certificate in WAYBILL_TLS_CERT: readable, valid, of the right name and key. */
async function certificate(machine: Machine, findings: Findings): Promise<void> {
  const [certFile, keyFile] = [machine.env['WAYBILL_TLS_CERT'] || undefined, machine.env['WAYBILL_TLS_KEY'] || undefined];
  if (certFile === undefined && keyFile === undefined) return;
  if (certFile === undefined || keyFile === undefined) {
    findings.fail('only one of WAYBILL_TLS_CERT and WAYBILL_TLS_KEY is set', 'Set both or none.');
    return;
  }
  let cert: X509Certificate;
  try {
    cert = new X509Certificate(await readFile(certFile));
  } catch (error) {
    findings.fail(`the certificate ${certFile} cannot be read: ${(error as Error).message}`, 'Set WAYBILL_TLS_CERT to a PEM file that this account may read.');
    return;
  }
  const [from, to] = [Date.parse(cert.validFrom), Date.parse(cert.validTo)];
  const date = (time: number): string => new Date(time).toISOString().slice(0, 10);
  if (to < Date.now()) findings.fail(`the certificate expired on ${date(to)}`, 'Renew it and restart: browsers and scanners refuse the connection.');
  else if (from > Date.now()) findings.fail(`the certificate is valid only from ${date(from)}`, 'Set the clock, or use a certificate that is valid now.');
  else if (to - Date.now() < 21 * day) findings.warn(`the certificate expires on ${date(to)}`, 'Renew it before that day and restart.');
  else findings.ok(`certificate valid until ${date(to)}`);
  const host = expectedHost(machine);
  const fits = host === undefined || (isIP(host) === 0 ? cert.checkHost(host) : cert.checkIP(host)) !== undefined;
  if (!fits) findings.fail(`the certificate is not for ${host} but for ${cert.subjectAltName ?? cert.subject}`, 'Use one whose names include the address that phones open.');
  if (cert.checkIssued(cert)) findings.warn('the certificate is self-signed', 'Install it on each phone and scanner, or use one of an authority that they know; without that the inbox cannot be installed as an app.');
  try {
    if (!cert.checkPrivateKey(createPrivateKey(await readFile(keyFile)))) findings.fail('WAYBILL_TLS_KEY is not the key of WAYBILL_TLS_CERT', 'Set both to files of the same certificate.');
  } catch (error) {
    findings.fail(`the key ${keyFile} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'it is no private key'}`, 'Set WAYBILL_TLS_KEY to a PEM file without a passphrase that this account may read.');
  }
}

async function publicAddress(machine: Machine, findings: Findings, signal: AbortSignal): Promise<void> {
  const { publicUrl, ledger } = machine;
  if (publicUrl === undefined) return;
  const wrong = publicUrlProblem(publicUrl);
  if (wrong !== undefined) {
    findings.fail('WAYBILL_PUBLIC_URL cannot be used', wrong);
    return;
  }
  const shown = shownUrl(publicUrl);
  if (publicUrl.startsWith('http:') && !isLoopback(new URL(publicUrl).hostname)) findings.warn(`${shown} is plain text`, 'Use https: passwords pass readable, and phones cannot install the inbox as an app.');
  const running = await localHealth(machine.web, signal);
  try {
    const { status, body } = await getUrl(`${publicUrl.replace(/\/+$/, '')}/waybill/healthz`, signal);
    const found = status === 200 && body.startsWith('{') ? (JSON.parse(body) as { status?: string; instance?: string }) : undefined;
    if (found?.status !== 'alive') {
      findings.fail(`${shown} answers ${status}, and not as Waybill`, running === undefined ? 'Start Waybill and run the doctor again.' : 'Let the proxy pass /waybill/ on to this machine unchanged.');
    } else if (ledger !== undefined && found.instance !== undefined && found.instance !== instanceOf(ledger.ledgerId)) {
      findings.fail(`${shown} leads to another Waybill`, 'Mend the name or the proxy: links in messages would lead people to the other one.');
    } else findings.ok(`${shown} leads here`);
  } catch (error) {
    if (signal.aborted && running === undefined) findings.fail(`${shown} does not answer, and Waybill does not run`, 'Start Waybill and run the doctor again.');
    else if (isCertificateError(error)) findings.fail(`${shown}: ${reasonOf(error)}`, 'Mend the certificate there: phones refuse it, or ask people to ignore a warning.');
    else findings.fail(`${shown}: ${reasonOf(error)}`, running === undefined ? 'Start Waybill and run the doctor again; then check the name (DNS), firewall and proxy.' : 'Check the name (DNS), the firewall and the proxy in front of Waybill.');
  }
}

/** Whether a phone can open the inbox. */
export const phone: Check = {
  name: 'phone', title: 'Phones',
  async run(machine, findings, signal) {
    listening(machine, findings);
    await Promise.all([certificate(machine, findings), publicAddress(machine, findings, signal)]);
  },
};
