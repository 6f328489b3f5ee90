import { createSocket } from 'node:dgram';
import type { Findings } from '../finding.ts';
import { getUrl, reasonOf } from '../http-probe.ts';
import { isLoopback } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Check } from '../run-checks.ts';

/** Seconds from 1900, where NTP's time begins, to 1970 (RFC 5905 §6). */
const ntpEpochSeconds = 2_208_988_800;

/**
 * How far this clock is behind the server's, ms (negative: ahead): one SNTP exchange (RFC 5905 §14),
 * offset = ((t2 - t1) + (t3 - t4)) / 2.
 */
export function askNtp(server: string, signal: AbortSignal, port = 123): Promise<number> {
  const time = (packet: Buffer, at: number): number => (packet.readUInt32BE(at) - ntpEpochSeconds + packet.readUInt32BE(at + 4) / 2 ** 32) * 1_000;
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
    const end = (act: () => void): void => {
      signal.removeEventListener('abort', aborted);
      socket.close(act);
    };
    const aborted = (): void => { end(() => { reject(signal.reason as Error); }); };
    signal.addEventListener('abort', aborted);
    socket.once('error', (error) => { end(() => { reject(error); }); });
    const request = Buffer.alloc(48);
    request[0] = 0x23; // version 4, mode 3 (client)
    const t1 = Date.now();
    socket.once('message', (answer) => {
      const t4 = Date.now();
      end(() => {
        const stratum = answer[1] ?? 0;
        if (answer.length < 48 || stratum === 0 || stratum > 15) reject(new Error('the answer is no time of a synchronised server'));
        else resolve(((time(answer, 32) - t1) + (time(answer, 40) - t4)) / 2);
      });
    });
    socket.send(request, port, server, (error) => { if (error !== null) end(() => { reject(error); }); });
  });
}

function zoneOf(machine: Machine, findings: Findings): void {
  const zone = machine.env['WAYBILL_TIME_ZONE'] || undefined;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone === undefined) {
    findings.ok(`${new Date().toISOString()}, time zone ${own} (the machine's)`);
    return;
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    findings.ok(`${new Date().toISOString()}, time zone ${zone}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    findings.fail('WAYBILL_TIME_ZONE names no time zone', 'Set it to a name of the IANA list, for example Europe/Berlin.');
  }
}

function judge(findings: Findings, offset: number, whose: string, exactMs: number): void {
  const seconds = Math.abs(offset) / 1_000;
  const shown = `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s ${offset > 0 ? 'behind' : 'ahead of'} ${whose}`;
  if (seconds > 30) findings.fail(`this clock is ${shown}`, 'Set the clock and keep it right with NTP (timedatectl set-ntp true): deadlines and the times in the ledger come from it.');
  else if (Math.abs(offset) > exactMs + 1_000) findings.warn(`this clock is ${shown}`, 'Keep the clock right with NTP (timedatectl set-ntp true).');
  else findings.ok(`agrees with ${whose}`);
}

async function byDateHeader(url: string, whose: string, findings: Findings, signal: AbortSignal): Promise<void> {
  const before = Date.now();
  const answer = await getUrl(url, signal, { anyCertificate: true }).catch(() => undefined); // whether it answers is another check's matter
  // RFC 9110 §6.6.1: `Date` has whole seconds, so it is up to one second behind.
  if (answer?.date !== undefined) judge(findings, answer.date + 500 - (before + Date.now()) / 2, whose, 1_500);
}

/** The clock: against others', against the ledger, and its time zone. */
export const clock: Check = {
  name: 'clock', title: 'Clock',
  async run(machine, findings, signal) {
    zoneOf(machine, findings);
    const last = machine.ledger?.lastRecordedAt;
    const ahead = last === undefined ? 0 : Date.parse(last) - Date.now();
    if (ahead > 1_000) findings.fail(`the ledger's last entry is ${Math.ceil(ahead / 1_000)} s in the future: the clock was set back, or was ahead`, 'Set the clock; until it has caught up, new entries carry the time of the last one and deadlines come late.');
    const { erpUrl, publicUrl, ntp } = machine;
    const outside = ([[erpUrl, 'the ERP\'s clock'], [publicUrl, 'the clock behind WAYBILL_PUBLIC_URL']] as const)
      .filter(([url]) => url !== undefined && URL.canParse(url) && /^https?:/.test(url) && !isLoopback(new URL(url).hostname));
    await Promise.all([
      ...outside.map(async ([url, whose]) => { await byDateHeader(url!, whose, findings, signal); }),
      ...(ntp === undefined ? [] : [askNtp(ntp, signal).then(
        (offset) => { judge(findings, offset, ntp, 0); },
        (error: unknown) => { findings.warn(`the time server ${ntp} did not answer: ${reasonOf(error)}`, 'Name one that this machine reaches by UDP port 123, or leave --ntp out.'); },
      )]),
    ]);
  },
};
