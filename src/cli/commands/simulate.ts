import process from 'node:process';
import { UsageError } from '../accounts.ts';
import { plcCommand } from '../simulate/plc/index.ts';
import { shiftCommand } from '../simulate/shift-command.ts';
import { checkCommand, dayCommand, ProfileError } from '../simulate/site/index.ts';
import { profilesCommand } from '../simulate/site/profiles-command.ts';

export { shiftData, shiftPlan, type ExpectedOutcome, type PlannedScan, type ScanKind, type ShiftOptions } from '../simulate/index.ts';

const HELP = `Usage: waybill simulate [shift] [options]     a receiving shift that fits the demo ERP
       waybill simulate day [options]         a day of whole sites: scanners, a sorter, RFID portals, faults, outages
       waybill simulate check [options]       compare what a day sent with the ledger
       waybill simulate plc [options]         a conveyor as an OPC UA server
       waybill simulate profiles [name]       what a site can be like; with a name, prints that profile

Everything is published over MQTT at QoS 1. The same seed gives the same events. "waybill simulate <word> --help" says more.
`;

const SHIFT_HELP = `Usage: waybill simulate [shift] [options]

Publishes a realistic receiving shift as MQTT scans at QoS 1: mixed pallets, double scans, dirty labels,
over-receipts, cartons without an ASN, two docks at once. The same seed gives the same shift; the demo
ERP holds the orders of seed 1.

  --url <url>          broker (mqtt://127.0.0.1:1883)
  --rate <n>           scans per second (5)
  --count <n>          how many scans (200)
  --minutes <n>        how long, instead of --count
  --seed <n>           which shift (1)
  --skip <n>           scenarios to leave out at the start, to go on where an earlier run ended (0)
  --site <name>        (dc-1)
  --enterprise <name>  (acme)
  --docks <n>          docks at work at the same time (2)
  --username <name>, --password <text>
  -h, --help

Exit code 0 when the broker acknowledged every scan, else 1. Ctrl-C ends the shift.

${HELP}`;

const DAY_HELP = `Usage: waybill simulate day [options]

Plays a day of one or more sites against a broker, faster than it is, with everything that goes wrong on a
shop floor, and keeps a book of it. The same seed and profile give the same events, whatever the speed.

  --profile <name|file>  large-site, small-site, sorter-day, or a file of your own (small-site)
  --seed <n>             which day (1)
  --run <0-9>            other ids and handling units, for a ledger that has seen this seed (0)
  --speed <n>            simulated seconds in one real second (1)
  --duration <time>      how much of the day: 90s, 30m, 24h (24h)
  --from <hh:mm>         where the day begins (00:00)
  --sites <a,b>          site names, each with all devices of the profile (dc-1)
  --enterprise <name>    (acme)
  --rate <n>             scans a second on average over a whole day, instead of the profile's
  --faults <n>           times the profile's faults; 0 is a clean day (1)
  --no-outages           no cut lines, no devices out of reach
  --url <url>            broker, mqtt:// or mqtts:// (mqtt://127.0.0.1:1883)
  --username <name>, --password <text>
  --outstanding <n>      unacknowledged messages at which the day waits (20000)
  --tally <file>         where the book goes
  --home <folder>        Waybill's home on this machine: its counts before the day go into the book
  --verify               at the end, compare with the ledger of --home (WAYBILL_HOME, ./.waybill)
  --plan                 say what the day holds, and send nothing
  -h, --help

Exit code 0 when every message was acknowledged (and with --verify the counts agree), 1 if not. Ctrl-C ends the
day: what is on its way is waited for, what has not left its device is in the book as never sent.
`;

const CHECK_HELP = `Usage: waybill simulate check --tally <file> [--home <folder>] [--json]

Compares the book of "waybill simulate day --tally" with the ledger of a home folder (WAYBILL_HOME, ./.waybill):
cases, repeats, quarantine by reason. May run beside Waybill. A count may lie within a span where messages were sent
again without an id of their own. Exit code 0 when all counts agree, else 1.
`;

const PLC_HELP = `Usage: waybill simulate plc [options]

A conveyor as an OPC UA server on this machine, with security None and SignAndEncrypt: units come by a scanner and ask
for a lane (sequence, handling unit, position; acknowledged by number), motors, a jam with its alarm, history.
Needs the package node-opcua beside Waybill: npm install node-opcua

  --port <n>             (4840)
  --seed <n>             which units, when a jam comes (1)
  --interval <ms>        from one unit to the next (2000)
  --timeout <ms>         how long a unit waits for its lane before it goes round again (5000)
  --lanes <n>            (4)
  --tags <n>             analog values of motors, two each (2)
  --changes <n>          changes of all of them a second, at most 5000 (10)
  --jam-every <time>, --jam-for <time>   a jam on average so often and so long; 0s is never (10m, 12s)
  --restart-every <time>, --restart-for <time>   the server goes away and comes back (never; 5s)
  --duration <time>      ends after it; without, Ctrl-C ends it
  --pki <folder>         its certificate and what it trusts (./.waybill-simulator/pki)
  --tally <file>         its own book: units, acknowledged, lanes, gone round
  -h, --help
`;

const PROFILES_HELP = `Usage: waybill simulate profiles [name | schema]

Lists the profiles of the package; with a name prints that one, to change it and give it to --profile; with "schema"
prints the JSON Schema of profiles.
`;

const WORDS: Readonly<Record<string, (args: string[]) => Promise<number> | number>> = {
  shift: (args) => shiftCommand(args, SHIFT_HELP),
  day: (args) => dayCommand(args, DAY_HELP),
  check: (args) => checkCommand(args, CHECK_HELP),
  plc: (args) => plcCommand(args, PLC_HELP),
  profiles: (args) => profilesCommand(args, PROFILES_HELP),
};

/** `waybill simulate`: resolves with the exit code (0 done, 1 not, 2 wrong usage). */
export async function simulate(args: string[]): Promise<number> {
  const [word = '', ...rest] = args;
  try {
    if (word === '' || word.startsWith('-')) return await shiftCommand(args, SHIFT_HELP);
    const run = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (run === undefined) throw new UsageError(`there is no "waybill simulate ${word}"; there are ${Object.keys(WORDS).join(', ')}`);
    return await run(rest);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ProfileError)) throw error;
    process.stderr.write(`waybill simulate: ${error.message}\n`);
    return 2;
  }
}
