import { existsSync } from 'node:fs';
import { readFile, realpath, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { publicUrlProblem } from '../../web/server/reach/index.ts';
import { readNodeRedSettings } from '../doctor/node-red-settings.ts';
import { findBlock } from '../init/block.ts';
import { UnusualSettings } from '../init/exported-object.ts';
import { planAdoption, planUndo } from '../init/plan.ts';
import type { Plan } from '../init/plan.ts';
import { takeSiteBaseline } from '../init/baseline.ts';
import { backUp, dropBackups, putInPlace, writeBeside } from '../init/replace-file.ts';
import { environmentOr, expressionsIn, gateLines, literal, settingsLines } from '../init/settings-lines.ts';
import type { GateKey, SettingsValue, SettingsValues } from '../init/settings-lines.ts';
import { unifiedDiff } from '../init/unified-diff.ts';

const usage = `Usage: waybill init [--user-dir <Node-RED's user folder>] [--yes] [--undo]
                    [--site <id>] [--enterprise <id>] [--legal-entity <id>] [--home <folder>] [--public-url <address>] [--gate warn|enforce]

Adopts Waybill in a Node-RED of your own: shows the difference it would make in settings.js, asks, and makes it,
with a copy of the file as it was beside it. What is set already stays. It installs nothing and starts nothing.

  --user-dir <folder>  default ~/.node-red; settings.js lies there, also when projects are enabled
  --settings <file>    settings.js where it lies elsewhere (node-red --settings)
  --yes                makes the change without asking; without it, and without a terminal, it is only shown
  --undo               takes exactly that change back, whatever else was changed in the file meanwhile
  --gate <mode>        warn (the default): until the site has a central policy, the deploy gate shows errors and
                       refuses nothing; enforce: it refuses. What the flows breach today is admitted either way
  --home <folder>      Waybill's home folder; a relative one starts at the user folder. Not said: WAYBILL_HOME, else .waybill

Exit code: 0 done, shown, or nothing to do; 1 it cannot be done; 2 wrong usage.
`;

const options = {
  'user-dir': { type: 'string' }, settings: { type: 'string' }, yes: { type: 'boolean', short: 'y' }, undo: { type: 'boolean' },
  site: { type: 'string' }, enterprise: { type: 'string' }, 'legal-entity': { type: 'string' }, home: { type: 'string' },
  'public-url': { type: 'string' }, gate: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const GATE = Object.keys(gateLines) as GateKey[];

type Values = ReturnType<typeof parse>;

type LoadedWaybill = Readonly<Record<string, string | undefined>>;

/** What to write: what the command line says, else what init wrote before, else the environment with the defaults. */
function wanted(values: Values, source: string, now: LoadedWaybill): SettingsValues {
  const publicUrl = values['public-url'];
  if (publicUrl !== undefined) {
    const wrong = publicUrlProblem(publicUrl);
    if (wrong !== undefined) throw new UsageError(wrong.replace('WAYBILL_PUBLIC_URL', '--public-url'));
  }
  for (const option of ['site', 'enterprise', 'legal-entity'] as const) {
    const text = values[option];
    if (text !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) throw new UsageError(`--${option} takes letters, digits, dots, dashes and underscores, at most 64; "${text}" is none.`);
  }
  if (values.gate !== undefined && values.gate !== 'warn' && values.gate !== 'enforce') throw new UsageError(`--gate is warn or enforce; "${values.gate}" is neither.`);
  const said = { home: values.home, site: values.site, enterprise: values.enterprise, legalEntity: values['legal-entity'], publicUrl, gate: values.gate };
  const written = expressionsIn(findBlock(source)?.content ?? []);
  const start: SettingsValues = { home: environmentOr('WAYBILL_HOME', '.waybill', process.env), site: environmentOr('WAYBILL_SITE', 'dc-1', process.env), gate: literal('warn') };
  return Object.fromEntries(Object.entries(said).flatMap(([key, text]): [string, SettingsValue][] => {
    if (text !== undefined) return [[key, literal(text)]];
    const before = written[key];
    if (before !== undefined) return [[key, { expression: before, value: now[key] }]];
    return start[key] === undefined ? [] : [[key, start[key]]];
  }));
}

async function agreed(values: Values, question: string): Promise<boolean> {
  if (values.yes === true) return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    say('Nothing was changed. Run it with --yes to make this change.');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^\s*y(es)?\s*$/i.test(answer)) return true;
    say('Nothing was changed.');
    return false;
  } finally {
    prompt.close();
  }
}

/** Says what to add by hand; answers the exit code. */
function byHand(file: string, reason: string, lines: readonly string[]): number {
  process.stderr.write(`waybill init: ${file} was left as it is. ${reason}\n`);
  if (lines.length > 0) process.stderr.write(`Add this to what it exports by hand:\n\n${lines.map((line) => `    ${line}`).join('\n')}\n\n`);
  return 1;
}

const UNWRITABLE: Readonly<Record<string, string>> = { EACCES: 'is not yours to write to', EPERM: 'is not yours to write to', EROFS: 'is on a file system that is only read', ENOSPC: 'has no room left on its disk', EDQUOT: 'has no room left on its disk' };

/** A file that somebody has made read-only, or that cannot be replaced, is left alone. */
async function writable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o222) === 0) throw new UnusualSettings('It is read-only: allow writing to it (chmod u+w) and run init again.');
}

function unwritable(error: unknown, file: string): unknown {
  const why = UNWRITABLE[(error as NodeJS.ErrnoException).code ?? ''];
  return why === undefined ? error : new UnusualSettings(`The folder ${path.dirname(file)} ${why}. Mend that, or run init as whoever may, and run it again.`);
}

/** Makes the change: the new file has to load, and to say what it should, before it takes the old one's place. `copy` runs just before that. */
async function make<T>(file: string, userDir: string, before: string, after: string, check: (now: Awaited<ReturnType<typeof readNodeRedSettings>>) => string | undefined, copy: () => Promise<T>): Promise<T> {
  await writable(file);
  const fresh = await writeBeside(file, after).catch((error: unknown) => { throw unwritable(error, file); });
  try {
    const now = await readNodeRedSettings(userDir, fresh);
    const problem = now.problem?.replaceAll(fresh, 'The file with this change') ?? check(now);
    if (problem !== undefined) throw new UnusualSettings(problem);
    const copied = await copy();
    await putInPlace(fresh, file, before);
    return copied;
  } finally {
    await rm(fresh, { force: true });
  }
}

async function adopt(values: Values, file: string, userDir: string): Promise<number> {
  const source = await readFile(file, 'utf8');
  const loaded = await readNodeRedSettings(userDir, file);
  if (loaded.settings === undefined) return byHand(file, loaded.problem ?? 'It cannot be read.', []);
  const target = wanted(values, source, loaded.settings.waybill ?? {});
  const all = settingsLines(target, { waybill: true, adminAuth: !loaded.settings.adminAuth, gate: GATE });
  let plan: Plan;
  try {
    plan = planAdoption(source, loaded.settings, target);
  } catch (error) {
    if (error instanceof UnusualSettings) return byHand(file, error.message, all);
    throw error;
  }
  if (plan.kind === 'by-hand') return byHand(file, plan.reason, plan.lines);
  if (plan.kind === 'change') say(unifiedDiff(source, plan.after, file));
  for (const note of plan.notes) say(note);
  if (loaded.settings.projects) say('Projects are enabled: settings.js belongs to the user folder, so this holds for every project and is in none of them.');
  const installed = existsSync(path.join(userDir, 'node_modules/@waybill/node-red/package.json'));
  const install = `cd ${userDir} && npm install @waybill/node-red`;
  if (plan.kind === 'nothing') {
    say(installed ? `${file}: nothing to do.` : `${file}: nothing to do. The package is not in the user folder yet: ${install}`);
    return 0;
  }
  if (!installed) {
    process.stderr.write(`waybill init: The package is not in the user folder, and Node-RED would not start with this change. Install it first, then run init again: ${install}\n`);
    return 1;
  }
  if (!await agreed(values, 'Make this change?')) return 0;
  try {
    const copy = await make(file, userDir, source, plan.after, ({ settings }) => {
      const set: LoadedWaybill = settings?.waybill ?? {};
      const kept = plan.notes.some((note) => note.startsWith('"waybill"')) || Object.entries(target).every(([key, { value }]) => set[key] === value);
      return kept && settings?.adminAuth === true ? undefined : 'Something further down in the file sets "waybill" or "adminAuth" again.';
    }, () => backUp(file));
    const baseline = await takeSiteBaseline(userDir, path.resolve(userDir, target['home']?.value ?? '.waybill'), loaded.settings, target['site']?.value);
    if (baseline !== undefined) say(baseline);
    say(`Done. The file as it was: ${copy}\nRestart Node-RED. "waybill init --undo" takes this back, "waybill doctor --user-dir ${userDir}" looks whether all is well.`);
    return 0;
  } catch (error) {
    if (error instanceof UnusualSettings) return byHand(file, error.message, all);
    throw error;
  }
}

async function undo(values: Values, file: string, userDir: string): Promise<number> {
  const source = await readFile(file, 'utf8');
  const plan = planUndo(source);
  if (plan.kind === 'by-hand') return byHand(file, plan.reason, plan.lines);
  if (plan.kind === 'nothing') {
    for (const note of plan.notes) say(`${file}: ${note}`);
    return 0;
  }
  say(unifiedDiff(source, plan.after, file));
  if (!await agreed(values, 'Take this back?')) return 0;
  try {
    await make(file, userDir, source, plan.after, () => undefined, () => Promise.resolve());
  } catch (error) {
    if (error instanceof UnusualSettings) return byHand(file, error.message, []);
    throw error;
  }
  await dropBackups(file);
  say('Done. Restart Node-RED. The ledger and the accounts in the home folder are untouched.');
  return 0;
}

/** `waybill init`: adopts Waybill in a Node-RED of the user's own, or takes that back. */
export async function init(args: string[]): Promise<number> {
  try {
    const values = parse(args);
    if (values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const userDir = path.resolve(values['user-dir'] ?? path.join(homedir(), '.node-red'));
    const named = path.resolve(values.settings ?? path.join(userDir, 'settings.js'));
    if (!existsSync(named)) {
      return byHand(named, existsSync(userDir)
        ? 'It is not there: start Node-RED once, which makes it, and run init again; or say where it is with --settings.'
        : `There is no folder ${userDir}; say which is Node-RED's user folder with --user-dir.`, existsSync(userDir) && values.undo !== true ? settingsLines(wanted(values, '', {}), { waybill: true, adminAuth: true, gate: GATE }) : []);
    }
    // The file itself, not a link to it, is replaced.
    const file = await realpath(named);
    return values.undo === true ? await undo(values, file, userDir) : await adopt(values, file, userDir);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill init: ${error.message}\n\n${usage}`);
    return 2;
  }
}
