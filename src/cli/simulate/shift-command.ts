import process from 'node:process';
import { emptyReport, publishShift, shiftPlan } from './index.ts';
import { level, number, parsed, UsageError } from './options.ts';
import { progressLine, summary } from './report.ts';

const OPTIONS = {
  url: { type: 'string', default: 'mqtt://127.0.0.1:1883' }, rate: { type: 'string', default: '5' }, count: { type: 'string' }, minutes: { type: 'string' },
  seed: { type: 'string', default: '1' }, skip: { type: 'string', default: '0' }, site: { type: 'string', default: 'dc-1' }, enterprise: { type: 'string', default: 'acme' },
  docks: { type: 'string', default: '2' }, username: { type: 'string' }, password: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

function read(args: string[]) {
  const { values } = parsed(args, OPTIONS);
  if (values.count !== undefined && values.minutes !== undefined) throw new UsageError('give --count or --minutes, not both');
  const rate = number('rate', values.rate, 0.01, 100_000, false);
  const count = values.minutes === undefined
    ? number('count', values.count ?? '200', 1, 10_000_000, true)
    : Math.max(1, Math.round(number('minutes', values.minutes, 0.01, 100_000, false) * 60 * rate));
  if (!/^(mqtts?|wss?):\/\//.test(values.url)) throw new UsageError(`--url ${values.url}: give an address such as mqtt://127.0.0.1:1883`);
  return {
    help: values.help === true,
    publish: { url: values.url, ...(values.username === undefined ? {} : { username: values.username }), ...(values.password === undefined ? {} : { password: values.password }) },
    shift: {
      rate, count, seed: number('seed', values.seed, 0, 99, true), fromScenario: number('skip', values.skip, 0, 4_000_000, true),
      docks: number('docks', values.docks, 1, 64, true), site: level('site', values.site), enterprise: level('enterprise', values.enterprise),
    },
  };
}

/** `waybill simulate` with a shift at receiving: 0 all acknowledged, 1 not. @throws UsageError */
export async function shiftCommand(args: string[], help: string): Promise<number> {
  const settings = read(args);
  if (!settings.help) return run(settings);
  process.stdout.write(help);
  return 0;
}

async function run({ publish, shift }: ReturnType<typeof read>): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  const report = emptyReport();
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const live = process.stdout.isTTY === true;
  const ticker = setInterval(() => process.stdout.write(live ? `\r${progressLine(report, shift.count, seconds())}\u001b[K` : `${progressLine(report, shift.count, seconds())}\n`), live ? 500 : 5_000);
  let last = 0;
  try {
    await publishShift(shiftPlan({ ...shift, startAt: Date.now() }), {
      ...publish, docks: shift.docks, signal: stop.signal, onAcknowledged: (scan) => { last = Math.max(last, scan.scenario); },
    }, report);
  } catch (error) {
    const reason = error instanceof AggregateError ? String(error.errors[0]) : (error as Error).message;
    process.stderr.write(`waybill simulate: the broker at ${publish.url} cannot be reached (${reason || 'connection refused'}); start it (npm start) or give another --url\n`);
    return 1;
  } finally {
    clearInterval(ticker);
    process.off('SIGINT', onInterrupt);
  }
  process.stdout.write(`${live ? '\r\u001b[K' : ''}${summary(report, seconds())}\n`);
  if (stop.signal.aborted) process.stdout.write('Ended early.\n');
  process.stdout.write(`The next shift: waybill simulate --seed ${shift.seed} --skip ${last + 1}\n`);
  const missing = report.published - report.acknowledged;
  if (missing > 0) process.stderr.write(`waybill simulate: ${missing} scans were not acknowledged\n`);
  return missing > 0 ? 1 : 0;
}
