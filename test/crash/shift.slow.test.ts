import assert from 'node:assert/strict';
import { Mosquitto } from '../intake/mqtt/support/mosquitto.ts';
import { needs } from '../support/system-programs.ts';
import { Shift } from './shift/shift-run.ts';
import type { ShiftRun } from './shift/shift-run.ts';

/** PROTOCOL §9: killed at random moments. The long form is `npm run test:crash`. */
const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';
const SIZE = LONG ? { scans: 20_000, kills: 12, rate: 400, patienceMs: 1_200_000 } as const : { scans: 900, kills: 3, rate: 250, patienceMs: 120_000 } as const;

/** What a process may keep: the states of the cases used last, compiled code, and a heap that is not given back at once. */
const KEPT_HEAP_BYTES = 64 * 2 ** 20;
const KEPT_RSS_BYTES = 160 * 2 ** 20;
/** Connections that come and go with the web and the ERP. */
const KEPT_HANDLES = 4;

const summaries: [string, ShiftRun][] = [];

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function asTable(): string {
  const rows: [string, (run: ShiftRun) => string | number][] = [
    ['scans, acknowledged', (run) => `${run.scans}, ${run.acknowledged}`],
    ['kills', (run) => run.kills],
    ['scans sent again', (run) => run.resent],
    ['cases, events', (run) => `${run.cases}, ${run.events}`],
    ['outcomes', (run) => Object.entries(run.outcomes).map(([name, count]) => `${name} ${count}`).join(', ')],
    ['ERP faults', (run) => Object.entries(run.faults).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`).join(', ')],
    ['ERP receipts', (run) => run.receipts],
    ['people', (run) => Object.entries(run.deeds).map(([name, count]) => `${name} ${count}`).join(', ')],
    ['ledger verify', (run) => run.verified],
    ['resident memory', (run) => `${megabytes(run.memory.rssBefore)} → ${megabytes(run.memory.rssAfter)}`],
    ['heap', (run) => `${megabytes(run.memory.heapBefore)} → ${megabytes(run.memory.heapAfter)}`],
    ['file handles', (run) => `${run.handles.before} → ${run.handles.after}`],
    ['breaches', (run) => run.breaches.length],
    ['seconds', (run) => run.seconds],
  ];
  return summaries.map(([title, run]) => `      ${title}\n${rows.map(([name, value]) => `        ${name.padEnd(20)} ${value(run)}`).join('\n')}`).join('\n');
}

async function shift(title: string, seed: number, brokerUrl?: string): Promise<void> {
  const running = new Shift({ seed, ...SIZE, ...(brokerUrl === undefined ? {} : { brokerUrl }) });
  try {
    const run = await running.run();
    summaries.push([title, run]);
    assert.deepEqual(run.breaches, []);
    assert.equal(run.acknowledged, SIZE.scans);
    assert.ok(run.receipts > SIZE.scans / 2, `${run.receipts} receipts`);
    assert.ok(run.memory.heapAfter <= run.memory.heapBefore + KEPT_HEAP_BYTES, `heap ${megabytes(run.memory.heapBefore)} → ${megabytes(run.memory.heapAfter)}`);
    assert.ok(run.memory.rssAfter <= run.memory.rssBefore + KEPT_RSS_BYTES, `resident ${megabytes(run.memory.rssBefore)} → ${megabytes(run.memory.rssAfter)}`);
    assert.ok(run.handles.after <= run.handles.before + KEPT_HANDLES, `file handles ${run.handles.before} → ${run.handles.after}`);
  } finally {
    await running.close();
  }
}

describe(`a shift of ${SIZE.scans} scans, killed ${SIZE.kills} times, the ERP failing one call in ten`, function () {
  this.timeout(LONG ? 3_600_000 : 300_000);

  after(() => {
    if (summaries.length > 0) console.log(asTable());
  });

  // The scans of the other crash tests come over it as well.
  if (LONG) it('with the embedded broker: every acknowledged scan one case, every received case one receipt', async () => {
    await shift('embedded broker', 11);
  });

  it('with Mosquitto: every acknowledged scan one case, every received case one receipt', async function () {
    const broker = await Mosquitto.start(needs(this, 'mosquitto'));
    try {
      await shift('Mosquitto', 12, broker.url);
    } finally {
      await broker.remove();
    }
  });
});
