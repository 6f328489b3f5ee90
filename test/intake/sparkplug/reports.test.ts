import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reportFilter, ReportIntake, reportOpening, ReportTrigger, type MetricReport, type ReportIntakeOptions, type ReportIntakePort, type ReportOpening, type ReportOpeningOptions, type ReportOutcome, type ReportTriggerOptions } from '../../../src/intake/sparkplug/index.ts';
import { until } from '../mqtt/support/device.ts';

const T0 = Date.UTC(2026, 10, 29, 8);

function report(value: MetricReport['value'], more: Partial<MetricReport> = {}): MetricReport {
  return {
    group: 'P', edgeNode: 'E', device: 'D', metric: 'Temp', type: 'Double', value, known: true, changed: true, quality: 'good', historical: false, fromBirth: false,
    at: T0, session: { bdSeq: '3', birthAt: T0 - 1_000 }, seq: 4, sentAt: T0, index: 0, beside: () => undefined, ...more,
  };
}

const opening: ReportOpeningOptions = { process: 'inventory-movement', template: 'x@1', enterprise: 'acme', site: 'dc-1', title: '', facts: {}, keyFact: '', keyType: '', uniqueScope: '' };

describe('which Sparkplug reports a node takes', () => {
  const takes = (filter: Partial<Parameters<typeof reportFilter>[0]>, more: Partial<MetricReport> = {}): boolean => reportFilter({ groups: [], edgeNodes: '', devices: '', metrics: '*', ...filter })(report(1, more));

  it('by names, several with commas, with * for any text', () => {
    assert.equal(takes({ groups: ['P'], edgeNodes: 'X, E', devices: 'D', metrics: 'Te*,Jam' }), true);
    assert.equal(takes({ groups: ['Q'] }), false);
    assert.equal(takes({ edgeNodes: 'e' }), false);
    assert.equal(takes({ devices: 'D*' }, { device: 'Door' }), true);
    assert.equal(takes({ metrics: 'Motor*/Speed' }, { metric: 'Motor1/Speed' }), true);
    assert.equal(takes({ metrics: 'Motor*/Speed' }, { metric: 'Motor1/SpeedX' }), false);
    assert.equal(takes({ metrics: 'a*a' }, { metric: 'a' }), false);
    assert.equal(takes({ metrics: '**a**' }, { metric: 'xay' }), true);
  });

  it('of edge nodes themselves with - alone, of both with nothing', () => {
    const { device: _none, ...own } = report(1);
    const filter = (devices: string): boolean => reportFilter({ groups: [], edgeNodes: '', devices, metrics: '*' })(own);
    assert.deepEqual([filter('-'), filter(''), filter('D'), takes({ devices: '-' })], [true, true, false, false]);
  });

  it('a pattern with many stars is no trap', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '*', 'b'), maxLength: 40 }), fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 400 }), (pattern, name) => {
      const expected = new RegExp(`^${pattern.replace(/\*+/g, '[^]*')}$`).test(name) || pattern === '';
      assert.equal(reportFilter({ groups: [], edgeNodes: '', devices: '', metrics: pattern })({ group: 'P', edgeNode: 'E', metric: name }), expected);
    }));
  });
});

describe('when a Sparkplug report is an event', () => {
  const events = (options: Partial<ReportTriggerOptions>, reports: readonly MetricReport[]): unknown[] => {
    const trigger = new ReportTrigger({ kind: 'report', historical: true, ...options });
    return reports.flatMap((one) => trigger.take(one, one.at).events.map(({ report: { value }, unseen }) => (unseen ? [value, 'unseen'] : value)));
  };
  const at = (ms: number, more: Partial<MetricReport> = {}): Partial<MetricReport> => ({ at: T0 + ms, ...more });

  it('each report, the same value again too; a birth certificate only where it differs from what was known', () => {
    assert.deepEqual(events({}, [
      report(1, { fromBirth: true, known: false }), report(1, { changed: false }), report(1, { changed: false }), report(1, { fromBirth: true, changed: false }), report(2, { fromBirth: true }),
    ]), [1, 1, [2, 'unseen']]);
  });

  it('neither null nor bad nor stale values', () => {
    assert.deepEqual(events({}, [report(null), report(1, { quality: 'bad' }), report(1, { quality: 'stale' })]), []);
  });

  it('changes, beyond a deadband', () => {
    assert.deepEqual(events({ kind: 'change', deadband: 0.5 }, [report(1, at(0, { fromBirth: true, known: false })), report(1.2, at(1)), report(2, at(2)), report(2.3, at(3)), report(3, at(4))]), [2, 3]);
  });

  it('a signal that comes: once, and again after it was gone', () => {
    const signal = (value: boolean, ms: number, more: Partial<MetricReport> = {}): MetricReport => report(value, at(ms, { type: 'Boolean', ...more }));
    assert.deepEqual(events({ kind: 'rising' }, [signal(false, 0, { fromBirth: true, known: false }), signal(true, 1), signal(true, 2), signal(false, 3), signal(true, 4)]), [true, true]);
    assert.deepEqual(events({ kind: 'rising' }, [signal(false, 0), signal(true, 5, { fromBirth: true })]), [[true, 'unseen']]);
  });

  it('a limit with hysteresis, each metric for itself', () => {
    const temp = (value: number, ms: number, metric = 'A'): MetricReport => report(value, at(ms, { metric }));
    assert.deepEqual(events({ kind: 'above', limit: 10, hysteresis: 2 }, [temp(5, 0), temp(50, 0, 'B'), temp(11, 1), temp(9, 2), temp(11, 3), temp(7, 4), temp(12, 5), temp(60, 6, 'B')]), [11, 12]);
  });

  it('what lasts long enough, by the clock of the values', () => {
    const trigger = new ReportTrigger({ kind: 'above', limit: 10, hysteresis: 0, forMs: 1_000, historical: true });
    trigger.take(report(5, at(0)), T0);
    assert.deepEqual(trigger.take(report(11, at(10)), T0 + 10).events, []);
    assert.equal(trigger.nextDue(), T0 + 1_010);
    assert.deepEqual(trigger.tick(T0 + 1_009), []);
    assert.deepEqual(trigger.tick(T0 + 1_010).map(({ at: when }) => when), [T0 + 1_010]);
    assert.equal(trigger.nextDue(), undefined);
  });

  it('what an edge node kept goes on where the values stood, and leaves those of now alone', () => {
    const kept = (value: number, ms: number): MetricReport => report(value, at(ms, { historical: true }));
    const series = [report(5, at(0)), report(5, at(5_000, { fromBirth: true, changed: false })), kept(11, 1_000), kept(4, 2_000), kept(12, 3_000), report(6, at(6_000)), report(13, at(7_000))];
    assert.deepEqual(events({ kind: 'above', limit: 10, hysteresis: 0 }, series), [11, 12, 13]);
    assert.deepEqual(events({ kind: 'above', limit: 10, hysteresis: 0, historical: false }, series), [13]);
  });

  it('a value that cannot be compared is told', () => {
    const trigger = new ReportTrigger({ kind: 'above', limit: 10, hysteresis: 0, historical: true });
    assert.match(trigger.take(report('warm', { type: 'String' }), T0).trouble ?? '', /string, where this event needs number/);
  });
});

describe('what a Sparkplug event opens', () => {
  const event = (more: Partial<MetricReport> = {}, value: MetricReport['value'] = 'A-1'): Parameters<typeof reportOpening>[0] => ({ report: report(value, more), at: more.at ?? T0, unseen: false, folded: 0 });
  const opened = (more: Partial<MetricReport> = {}, options: Partial<ReportOpeningOptions> = {}): ReportOpening => {
    const made = reportOpening(event(more), { ...opening, ...options }, T0);
    assert.ok(made.ok);
    return made.opening;
  };

  it('a case with facts from beside, a key and a title', () => {
    const { title, keys, unique, document, occurredAt, device, scan } = opened({ beside: (metric) => (metric === 'Lane' ? 7 : undefined), properties: { engUnit: 'kg' }, previous: 'A-0' }, { facts: { lane: 'Lane', gone: 'Nothing' }, keyFact: 'value', keyType: 'box', uniqueScope: 'sorter', title: '{device} → {lane} {unknown}' });
    assert.deepEqual([title, keys, unique, occurredAt, device, scan.kind], ['D → 7 {unknown}', [{ type: 'box', value: 'A-1' }], { scope: 'sorter', key: 'A-1' }, new Date(T0).toISOString(), 'P/E/D', 'sparkplug']);
    assert.deepEqual(document['report'], { metric: 'Temp', value: 'A-1', before: 'A-0', at: new Date(T0).toISOString(), unit: 'kg', lane: 7 });
  });

  it('no case without the key that it is to have', () => {
    for (const value of [null, '', {}, 'x'.repeat(300)] as const) {
      const made = reportOpening(event({}, value), { ...opening, keyFact: 'value' }, T0);
      assert.deepEqual([made.ok, made.ok ? '' : made.code], [false, 'key-missing'], JSON.stringify(value));
    }
  });

  it('another name for each report, the same for the same one, over 256 messages as well', () => {
    const names = [{}, { seq: 5 }, { index: 1 }, { metric: 'Other' }, { sentAt: T0 + 1 }, { at: T0 + 1 }, { session: { bdSeq: '4', birthAt: T0 - 1_000 } }, { session: { bdSeq: '3', birthAt: T0 } }, { edgeNode: 'F' }, { historical: true }].map((more) => opened(more).transportId);
    assert.equal(new Set(names).size, names.length);
    assert.equal(opened().transportId, opened().transportId);
    assert.equal(opened({ historical: true, seq: 9, session: { birthAt: 1 } }).transportId, opened({ historical: true }).transportId, 'what was kept may come in another session');
  });

  it('a time in the future is not believed, and noted', () => {
    const { occurredAt, scan } = opened({ at: T0 + 3_600_000 });
    assert.deepEqual([occurredAt, scan.fields['clockAheadMs']], [undefined, 3_600_000]);
  });

  it('a title of one line, whatever stands in the value', () => {
    const hidden = reportOpening(event({}, `a\n\u0000\u202e${'b'.repeat(500)}`), opening, T0);
    assert.ok(hidden.ok && hidden.opening.title.startsWith('D Temp: a bbb'));
    const made = reportOpening(event({}, 'a\r\n\tb'.repeat(100)), opening, T0);
    assert.ok(made.ok && made.opening.title.length <= 161 && !/[\r\n]/.test(made.opening.title));
  });
});

describe('from Sparkplug reports to the ledger', () => {
  interface Desk { readonly intake: ReportIntake; readonly opened: ReportOpening[]; readonly outcomes: ReportOutcome[]; readonly busy: boolean[]; accept(accepting: boolean): void; fail: Error | undefined }

  function desk(options: Partial<ReportIntakeOptions> = {}): Desk {
    let accepting = true;
    const listeners = new Set<(accepting: boolean) => void>();
    const made: Desk = {
      opened: [], outcomes: [], busy: [], fail: undefined,
      accept: (now) => {
        accepting = now;
        for (const listener of listeners) listener(now);
      },
      intake: undefined as unknown as ReportIntake,
    };
    const port: ReportIntakePort = {
      openCase: async (one) => {
        await Promise.resolve();
        if (made.fail !== undefined) throw made.fail;
        made.opened.push(one);
        return { kind: 'opened', caseId: String(made.opened.length) };
      },
      quarantine: () => Promise.resolve(),
      accepting: () => accepting,
      onAccepting: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const intake = new ReportIntake(port, {
      ...opening, filter: { groups: [], edgeNodes: '', devices: '', metrics: '*' }, trigger: { kind: 'report', historical: true }, clock: () => T0,
      onOutcome: (outcome) => { made.outcomes.push(outcome); }, onBusy: (busy) => { made.busy.push(busy); }, log: () => undefined, ...options,
    });
    return Object.assign(made, { intake });
  }

  it('in their order, also those that waited for the ledger', async () => {
    const one = desk();
    one.accept(false);
    for (let n = 0; n < 50; n += 1) one.intake.take(report(n, { seq: n }));
    assert.equal(one.intake.open, 50);
    assert.equal(one.opened.length, 0);
    one.accept(true);
    await until(() => one.intake.open === 0);
    assert.deepEqual(one.opened.map(({ document }) => (document['report'] as { value: number }).value), Array.from({ length: 50 }, (_none, at) => at));
    assert.equal(await one.intake.close(0), 0);
  });

  it('says that it has enough to do, and when it has no longer', async () => {
    const one = desk();
    one.accept(false);
    for (let n = 0; n < 2_100; n += 1) one.intake.take(report(n, { seq: n % 256, sentAt: T0 + n }));
    assert.deepEqual(one.busy, [true]);
    one.accept(true);
    await until(() => one.intake.open === 0);
    assert.deepEqual(one.busy, [true, false]);
    await one.intake.close(0);
  });

  it('puts aside what no try would record, and what has no key', async () => {
    const one = desk({ keyFact: 'value' });
    one.fail = Object.assign(new Error('too large'), { name: 'LedgerError', code: 'leaf-too-large' });
    one.intake.take(report('A'));
    one.intake.take(report({}));
    await until(() => one.outcomes.length === 2);
    assert.deepEqual(one.outcomes.map(({ kind }) => kind).sort(), ['quarantined', 'quarantined']);
    await one.intake.close(0);
  });

  it('says how many are lost when it is closed while the ledger takes nothing', async () => {
    const one = desk();
    one.accept(false);
    one.intake.take(report(1));
    one.intake.take(report(2, { seq: 5 }));
    assert.equal(await one.intake.close(10), 2);
    await until(() => one.outcomes.length === 2);
    assert.deepEqual(one.outcomes.map(({ kind }) => kind), ['lost', 'lost']);
  });
});
