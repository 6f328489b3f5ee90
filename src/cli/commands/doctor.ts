import process from 'node:process';
import { parseArgs } from 'node:util';
import { UsageError } from '../accounts.ts';
import { checks } from '../doctor/checks.ts';
import { inboxUrl } from '../doctor/checks/phone.ts';
import type { Finding } from '../doctor/finding.ts';
import { gather } from '../doctor/gather.ts';
import { qrCode, reportText, verdict } from '../doctor/report.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { redactor } from '../doctor/secrets.ts';

const usage = `Usage: waybill doctor [--home <folder>] [--user-dir <Node-RED's user folder>] [--json] [--ntp <server>] [--qr]

Looks at everything Waybill needs, running or not, and says what is wrong and what to do: versions, package,
home folder, disk and its fsync, clock, keys, ledger, ports, phones, scanners, mail, ERP, proxies, sign-in.
It changes nothing. Run it as the account, on the machine and with the environment that Waybill runs with.

  --home <folder>      the home folder (WAYBILL_HOME, ./.waybill)
  --user-dir <folder>  a Node-RED of your own: its user folder, for example ~/.node-red
  --ntp <server>       asks this time server how right the clock is
  --qr                 shows the inbox as a QR code even when the output is no terminal
  --json               for programs: {ok, home, inbox, findings: [{check, title, level, found, todo}]}

Exit code: 0 nothing fails, 1 something fails, 2 wrong usage.
`;

const options = {
  home: { type: 'string' }, 'user-dir': { type: 'string' }, ntp: { type: 'string' }, qr: { type: 'boolean' },
  json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `waybill doctor`: looks at everything, changes nothing; 1 when something fails. */
export async function doctor(args: string[]): Promise<number> {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill doctor: ${error.message}\n\n${usage}`);
    return 2;
  }
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const machine = await gather({ home: values.home, userDir: values['user-dir'], ntp: values.ntp }, process.env, process.cwd());
  const redact = redactor(process.env, [machine.mqttUrl, machine.erpUrl, machine.publicUrl]);
  const findings = (await runChecks(checks, machine)).map((each): Finding => ({
    ...each, found: redact(each.found), ...(each.todo === undefined ? {} : { todo: redact(each.todo) }),
  }));
  const failed = findings.some(({ level }) => level === 'fail');
  const inbox = inboxUrl(machine);
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ ok: !failed, home: machine.home, ...(inbox === undefined ? {} : { inbox: redact(inbox) }), findings }, null, 2)}\n`);
    return failed ? 1 : 0;
  }
  const terminal = process.stdout.isTTY;
  const colours = terminal && process.stdout.hasColors();
  process.stdout.write(`Waybill doctor, home ${machine.home}${machine.mode === 'node-red' ? `, Node-RED in ${machine.userDir ?? ''}` : ''}\n\n${reportText(findings, colours)}\n`);
  if (inbox !== undefined && (terminal || values.qr === true)) process.stdout.write(`  The inbox on a phone: ${redact(inbox)}\n\n${qrCode(inbox, colours)}\n`);
  process.stdout.write(`${verdict(findings)}\n`);
  return failed ? 1 : 0;
}
