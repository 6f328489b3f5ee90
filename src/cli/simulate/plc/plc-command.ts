import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { duration, number, parsed } from '../options.ts';
import { Random, seedAt } from '../demo-data/index.ts';
import { ConveyorServer } from './conveyor-server.ts';
import { loadServerLibrary, MissingLibrary } from './library.ts';

const OPTIONS = {
  port: { type: 'string', default: '4840' }, seed: { type: 'string', default: '1' }, interval: { type: 'string', default: '2000' }, timeout: { type: 'string', default: '5000' },
  lanes: { type: 'string', default: '4' }, tags: { type: 'string', default: '2' }, changes: { type: 'string', default: '10' }, 'jam-every': { type: 'string', default: '10m' }, 'jam-for': { type: 'string', default: '12s' },
  'restart-every': { type: 'string', default: '0s' }, 'restart-for': { type: 'string', default: '5s' }, duration: { type: 'string' }, pki: { type: 'string', default: '.waybill-simulator/pki' },
  tally: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

function read(args: string[]) {
  const { values } = parsed(args, OPTIONS);
  const ms = (name: string, text: string, low: number): number => duration(name, text, low, 30 * 86_400) * 1_000;
  return {
    help: values.help === true,
    port: number('port', values.port, 1, 65_535, true), seed: number('seed', values.seed, 0, 999_999, true), intervalMs: number('interval', values.interval, 10, 3_600_000, true),
    timeoutMs: number('timeout', values.timeout, 50, 3_600_000, true), lanes: number('lanes', values.lanes, 1, 1_000, true), tags: number('tags', values.tags, 2, 2_000, true),
    changesPerSecond: number('changes', values.changes, 0, 5_000, false), jamEveryMs: ms('jam-every', values['jam-every'], 0), jamForMs: ms('jam-for', values['jam-for'], 0.1),
    restartEveryMs: ms('restart-every', values['restart-every'], 0), restartForMs: ms('restart-for', values['restart-for'], 0),
    durationMs: values.duration === undefined ? undefined : ms('duration', values.duration, 1), pki: path.resolve(values.pki), tally: values.tally,
  };
}

type PlcOptions = ReturnType<typeof read>;

/** @throws UsageError */
export async function plcCommand(args: string[], help: string): Promise<number> {
  const options = read(args);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  try {
    return await run(new ConveyorServer(await loadServerLibrary(), { ...options, onEvent: (text) => process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`) }), options);
  } catch (error) {
    if (error instanceof MissingLibrary) {
      process.stderr.write(`waybill simulate: ${error.message}\n`);
      return 1;
    }
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    process.stderr.write(`waybill simulate: port ${options.port} is taken; give another --port\n`);
    return 1;
  }
}

function writeBook(server: ConveyorServer, options: PlcOptions): void {
  if (options.tally === undefined) return;
  const { book, changes, restarts } = server;
  writeFileSync(`${options.tally}.new`, `${JSON.stringify({ format: 'waybill-conveyor-tally@1', seed: options.seed, writtenAt: new Date().toISOString(), ...book, changes, restarts }, null, 2)}\n`);
  renameSync(`${options.tally}.new`, options.tally);
}

async function run(server: ConveyorServer, options: PlcOptions): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  await server.start();
  writeBook(server, options);
  process.stdout.write(`The conveyor listens at ${server.url} (security None and SignAndEncrypt); Ctrl-C ends it.\n`);
  const endAt = options.durationMs === undefined ? Infinity : performance.now() + options.durationMs;
  const random = new Random(seedAt(options.seed, 0x4e5));
  const nextRestart = (): number => (options.restartEveryMs === 0 ? Infinity : performance.now() + options.restartEveryMs * (0.5 + random.next()));
  let restartAt = nextRestart();
  let saidAt = performance.now();
  while (!stop.signal.aborted && performance.now() < endAt) {
    await Promise.race([sleep(200), new Promise((resolve) => { stop.signal.addEventListener('abort', resolve, { once: true }); })]);
    if (performance.now() >= restartAt && !stop.signal.aborted) {
      await server.restart(options.restartForMs);
      restartAt = nextRestart();
    }
    writeBook(server, options);
    if (performance.now() - saidAt < 10_000) continue;
    saidAt = performance.now();
    process.stdout.write(`${line(server)}\n`);
  }
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  await server.stop();
  writeBook(server, options);
  process.stdout.write(`${line(server)}\nLanes: ${Object.entries(server.book.diverted).map(([lane, units]) => `${lane} took ${units}`).join(', ') || 'no unit was diverted'}.\n`);
  return 0;
}

function line(server: ConveyorServer): string {
  const { presented, acknowledged, diverted, straight, recirculated, refused, gone, jams } = server.book;
  const lanes = Object.values(diverted).reduce((sum, units) => sum + units, 0);
  return `${presented} units presented · ${acknowledged} acknowledged · ${lanes} diverted, ${straight} straight on, ${recirculated} gone round · ${refused} answers for no unit, ${gone} of them for one that was gone · ${jams} jams · ${server.restarts} restarts · ${server.changes} values changed · ${server.sessions} sessions`;
}
