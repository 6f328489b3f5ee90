#!/usr/bin/env node
import process from 'node:process';

/** Runs one command with what follows its name; answers the exit code (0 done, 1 failed, 2 wrong usage). */
export type Command = (args: string[]) => Promise<number>;

interface Entry {
  /** One line for the overview. */
  readonly summary: string;
  /** Loads the command's file; a command that is not run costs nothing. */
  readonly load: () => Promise<Command>;
  /** The process ends with the command, whatever it has left open. */
  readonly endsAtOnce?: boolean;
}

const commands: Readonly<Record<string, Entry>> = {
  init: {
    summary: 'adopt Waybill in a Node-RED of your own, or take that back',
    load: async () => (await import('./commands/init.ts')).init,
  },
  check: {
    summary: 'judge flows by the rules of the deploy gate',
    load: async () => (await import('./commands/check.ts')).check,
  },
  ledger: {
    summary: 'verify, export, prove and rebuild the ledger',
    load: async () => (await import('./commands/ledger.ts')).ledger,
  },
  user: {
    summary: 'add, list and disable local accounts, set their passwords',
    load: async () => (await import('./commands/user.ts')).user,
  },
  token: {
    summary: 'create, list and revoke API tokens',
    load: async () => (await import('./commands/token.ts')).token,
  },
  doctor: {
    summary: 'look at everything Waybill needs, and say what to do',
    load: async () => (await import('./commands/doctor.ts')).doctor,
    // A name server that does not answer would hold the process long after the report.
    endsAtOnce: true,
  },
  template: {
    summary: 'make, look at, compare, test and pack templates',
    load: async () => (await import('./commands/template.ts')).template,
  },
  service: {
    summary: 'make, look at, compare and pack what systems offer',
    load: async () => (await import('./commands/service.ts')).service,
  },
  catalogue: {
    summary: 'publish signed templates and services, verify and serve them',
    load: async () => (await import('./commands/catalogue.ts')).catalogue,
    // A line of standard input that nobody sends would hold the process.
    endsAtOnce: true,
  },
  change: {
    summary: 'ask for changes and waivers, decide them, carry them by file',
    load: async () => (await import('./commands/change.ts')).change,
  },
  device: {
    summary: 'list, register, block and import scanners and other devices, write the files of a broker',
    load: async () => (await import('./commands/device.ts')).device,
  },
  event: {
    summary: 'export EPCIS events, send events again from a date',
    load: async () => (await import('./commands/event.ts')).event,
  },
  edi: {
    summary: 'check, read, write and acknowledge X12 and EDIFACT documents',
    load: async () => (await import('./commands/edi.ts')).edi,
  },
  simulate: {
    summary: 'play a shift, or days of whole sites, and check what became of them',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, entry]) => `  ${name.padEnd(width)}  ${entry.summary}`);
  return `Usage: waybill <command> [arguments]\n\n${lines.join('\n')}\n\n"waybill <command> --help" says more.\n`;
}

/** Runs the command that `argv` names; output goes to the process's streams. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    process.stderr.write(`waybill: there is no command "${name}".\n\n${overview()}`);
    return 2;
  }
  try {
    const run = await entry.load();
    return await run(args);
  } catch (error) {
    process.stderr.write(`waybill ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env['WAYBILL_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return 1;
  }
}

// No import.meta.main: Node.js 22 does not have it. Nothing imports this file.
process.exitCode = await main(process.argv.slice(2));
// An empty write calls back when everything before it has left: a pipe may take its time.
if (commands[process.argv[2] ?? '']?.endsAtOnce === true) process.stdout.write('', () => process.exit());
