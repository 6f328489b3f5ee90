import assert from 'node:assert/strict';
import { compare, Tally, type LedgerTally, type SiteEvent, type TallyFile } from '../../../src/cli/simulate/site/index.ts';
import { expect } from '../../../src/cli/simulate/site/site-event.ts';

const device = { site: 'dc-1', name: 'scanner-1' } as SiteEvent['device'];
function event(expected: Parameters<typeof expect>[0], again: SiteEvent['again'] = 'duplicate', scans = 1): SiteEvent {
  return { at: 0, device, kind: 'unit', topic: 't', payload: '', scans, expected: expect(expected), again, what: '' };
}

function file(tally: Tally, more: Partial<TallyFile> = {}): TallyFile {
  return { expected: { ...tally.expected, reasons: Object.fromEntries(tally.reasons) }, possible: tally.possible, missed: tally.missed, ...more } as TallyFile;
}

function ledger(opened: number, repeat: number, quarantined: Record<string, number> = {}): LedgerTally {
  return { at: '', opened, closed: 0, repeat, quarantined, events: 0 };
}

const verdicts = (tally: TallyFile, now: LedgerTally): string[] => compare(tally, now).filter(({ agrees }) => !agrees).map(({ what }) => what.trim());

describe('the simulator\'s book', () => {
  it('counts what was acknowledged, and nothing else, as expected', () => {
    const tally = new Tally();
    const events = [event({ opened: 1 }), event({ opened: 4, repeat: 2 }, 'duplicate', 6), event({ quarantined: 1, reason: 'truncated' }, 'quarantined'), event({ duplicate: 1 }), event({ nowhere: 1 }, 'nowhere'), event({ repeat: 1 })];
    for (const one of events) { tally.onPlanned(one); tally.onSent(); }
    for (const one of events.slice(0, 5)) tally.onAcknowledged(one);
    assert.deepEqual(tally.expected, { opened: 5, repeat: 2, duplicate: 1, nowhere: 1, quarantined: 1 });
    assert.deepEqual([tally.planned, tally.plannedScans, tally.sent, tally.acknowledged, tally.acknowledgedScans], [6, 11, 6, 5, 10]);
    assert.deepEqual(Object.fromEntries(tally.reasons), { truncated: 1 });
    assert.deepEqual(tally.sites.get('dc-1'), tally.expected);
    assert.deepEqual(tally.kinds.get('unit'), { messages: 6, scans: 11, acknowledged: 5 });
  });

  it('agrees with a ledger that has just that, and differs by one of anything', () => {
    const tally = new Tally();
    for (const one of [event({ opened: 3, repeat: 2 }), event({ quarantined: 1, reason: 'truncated' }), event({ quarantined: 1, reason: 'not-gs1' })]) tally.onAcknowledged(one);
    const right = { truncated: 1, 'not-gs1': 1 };
    assert.deepEqual(verdicts(file(tally), ledger(3, 2, right)), []);
    assert.deepEqual(verdicts(file(tally), ledger(2, 2, right)), ['cases opened']);
    assert.deepEqual(verdicts(file(tally), ledger(4, 2, right)), ['cases opened']);
    assert.deepEqual(verdicts(file(tally), ledger(3, 1, right)), ['repeated scans on their cases']);
    assert.deepEqual(verdicts(file(tally), ledger(3, 2, { truncated: 2 })), ['not-gs1', 'truncated']);
    assert.deepEqual(verdicts(file(tally), ledger(3, 2, { ...right, retained: 1 })), ['put into quarantine']);
  });

  it('takes off what the ledger had before', () => {
    const tally = new Tally();
    tally.onAcknowledged(event({ opened: 3 }));
    assert.deepEqual(verdicts(file(tally, { before: ledger(10, 5, { truncated: 2 }) }), ledger(13, 5, { truncated: 2 })), []);
    assert.deepEqual(verdicts(file(tally, { before: ledger(10, 5) }), ledger(10, 5)), ['cases opened']);
  });

  it('allows for what was sent again as far as it may have come twice, and no further', () => {
    const tally = new Tally();
    tally.onAcknowledged(event({ opened: 10 }));
    for (const again of ['opened', 'repeat', 'duplicate', 'quarantined'] as const) tally.onResent(event({ opened: 1 }, again));
    assert.equal(tally.resent, 4);
    assert.deepEqual(verdicts(file(tally), ledger(11, 1, { truncated: 1 })), []);
    assert.deepEqual(verdicts(file(tally), ledger(12, 0)), ['cases opened']);
    assert.deepEqual(verdicts(file(tally), ledger(9, 0)), ['cases opened']);
    assert.deepEqual(verdicts(file(tally), ledger(10, 2)), ['repeated scans on their cases']);
  });

  it('knows that a later scan opens a handling unit whose first one never left', () => {
    const tally = new Tally();
    tally.onAcknowledged(event({ repeat: 1 }));
    tally.onNeverSent(event({ opened: 1 }));
    assert.deepEqual(verdicts(file(tally), ledger(1, 0)), []);
    assert.deepEqual(verdicts(file(tally), ledger(0, 1)), [], 'or the first one came another day');
    assert.deepEqual(verdicts(file(tally), ledger(2, 0)), ['cases opened']);
    tally.onOutstanding(event({ opened: 1 }));
    assert.deepEqual(verdicts(file(tally), ledger(2, 0)), []);
  });
});
