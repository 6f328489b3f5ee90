import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultHostLimits, edgeTopic, SparkplugHost, type EdgeTopic, type HostEffect, type HostOptions, type MetricReport } from '../../../src/intake/sparkplug/index.ts';
import { bareData, death, encodePayload } from './support/edge-node.ts';

const T0 = 1_700_000_000_000;
const REORDER = 2_000;

/** An edge node's side of a host in a test: its messages, by hand. */
class Bench {
  readonly host: SparkplugHost;
  now = T0;
  seen: HostEffect[] = [];

  constructor(options: Partial<HostOptions> = {}) {
    this.host = new SparkplugHost({ reorderMs: REORDER, rebirth: true, limits: defaultHostLimits, ...options });
    this.host.connected(this.now);
  }

  send(topic: string, payload: object | Uint8Array, retained = false): readonly HostEffect[] {
    return this.note(this.host.receive(edgeTopic(`spBv1.0/${topic}`) as EdgeTopic, payload instanceof Uint8Array ? payload : encodePayload({ timestamp: this.now, ...payload }), retained, this.now));
  }

  birth(bdSeq = 0, metrics: readonly object[] = [], more: object = {}): readonly HostEffect[] {
    return this.send('P/NBIRTH/E', { seq: 0, metrics: [{ name: 'bdSeq', type: 'Int64', value: bdSeq }, { name: 'Temp', alias: 1, type: 'Double', value: 20 }, ...metrics], ...more });
  }

  device(seq: number, metrics: readonly object[] = [{ name: 'Jam', alias: 9, type: 'Boolean', value: false }]): readonly HostEffect[] {
    return this.send('P/DBIRTH/E/D', { seq, metrics });
  }

  temp(seq: number, value: number): readonly HostEffect[] {
    return this.send('P/NDATA/E', { seq, metrics: [{ name: 'Temp', type: 'Double', value }] });
  }

  pass(ms: number): readonly HostEffect[] {
    this.now += ms;
    return this.note(this.host.tick(this.now));
  }

  note(effects: readonly HostEffect[]): readonly HostEffect[] {
    this.seen.push(...effects);
    return effects;
  }

  node(): ReturnType<SparkplugHost['view']>[number] {
    const [node] = this.host.view();
    assert.ok(node);
    return node;
  }
}

const kinds = (effects: readonly HostEffect[]): string[] => effects.map(({ kind }) => kind);
const reports = (effects: readonly HostEffect[]): readonly MetricReport[] => effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
const values = (effects: readonly HostEffect[]): unknown[] => reports(effects).filter(({ fromBirth }) => !fromBirth).map(({ value }) => value);
const gaps = (effects: readonly HostEffect[]): [string, number, number][] => effects.flatMap((effect) => (effect.kind === 'gap' ? [[effect.reason, effect.from, effect.to] as [string, number, number]] : []));
const asked = (effects: readonly HostEffect[]): string[] => effects.flatMap((effect) => (effect.kind === 'rebirth' ? [effect.reason] : []));
const refused = (effects: readonly HostEffect[]): string[] => effects.flatMap((effect) => (effect.kind === 'refused' ? [effect.code] : []));

describe('Sparkplug host state', () => {
  it('knows topics of edge nodes, and nothing else', () => {
    assert.deepEqual(edgeTopic('spBv1.0/P/NDATA/E'), { type: 'NDATA', group: 'P', edgeNode: 'E' });
    assert.deepEqual(edgeTopic('spBv1.0/P/DDATA/E/D'), { type: 'DDATA', group: 'P', edgeNode: 'E', device: 'D' });
    for (const other of ['spBv1.0/STATE/host', 'spBv1.0/P/NCMD/E', 'spBv1.0/P/DCMD/E/D', 'spBv1.0/P/NDATA/E/D', 'spBv1.0/P/DDATA/E', 'spBv1.0/P/DDATA/E/D/x', 'spAv1.0/P/NDATA/E', 'spBv1.0//NDATA/E', 'spBv1.0/P/ndata/E', '']) assert.equal(edgeTopic(other), undefined, other);
  });

  describe('births and data', () => {
    it('a birth certificate tells how things are, data what they become', () => {
      const bench = new Bench();
      const born = reports(bench.birth());
      assert.deepEqual(born.map(({ metric, value, fromBirth, known }) => [metric, value, fromBirth, known]), [['Temp', 20, true, false]]);
      const [report] = reports(bench.temp(1, 21));
      assert.deepEqual([report?.value, report?.previous, report?.changed, report?.fromBirth, report?.seq, report?.session.bdSeq], [21, 20, true, false, 1, '0']);
      assert.equal(bench.node().status, 'online');
    });

    it('metrics are found by their alias, without their data type', () => {
      const bench = new Bench();
      bench.birth();
      bench.device(1);
      assert.deepEqual(values(bench.send('P/NDATA/E', bareData(2, bench.now, [{ alias: 1, doubleValue: 3.5 }]))), [3.5]);
      const [jam] = reports(bench.send('P/DDATA/E/D', bareData(3, bench.now, [{ alias: 9, booleanValue: true }])));
      assert.deepEqual([jam?.device, jam?.metric, jam?.value], ['D', 'Jam', true]);
    });

    it('values beside a report are those of the whole message', () => {
      const bench = new Bench();
      bench.birth();
      bench.device(1, [{ name: 'Code', type: 'String', value: '' }, { name: 'Lane', type: 'Int32', value: 0 }]);
      const [code] = reports(bench.send('P/DDATA/E/D', { seq: 2, metrics: [{ name: 'Code', type: 'String', value: 'A' }, { name: 'Lane', type: 'Int32', value: 7 }] }));
      assert.equal(code?.beside('Lane'), 7);
    });

    it('historical values do not change what is current', () => {
      const bench = new Bench();
      bench.birth();
      const [late] = reports(bench.send('P/NDATA/E', { seq: 1, metrics: [{ name: 'Temp', type: 'Double', value: 99, isHistorical: true, timestamp: T0 - 60_000 }] }));
      assert.deepEqual([late?.historical, late?.at], [true, T0 - 60_000]);
      assert.equal(bench.node().metrics.find(({ name }) => name === 'Temp')?.value, 20);
    });

    it('group, edge node, device and metric names are told apart by case', () => {
      const bench = new Bench();
      bench.birth();
      bench.send('p/NBIRTH/E', { seq: 0, metrics: [{ name: 'temp', type: 'Double', value: 1 }] });
      assert.equal(bench.host.view().length, 2);
      assert.deepEqual(asked(bench.send('P/NDATA/E', { seq: 1, metrics: [{ name: 'temp', type: 'Double', value: 2 }] })), ['unknown-metric']);
    });

    it('what differs in a new birth certificate has changed unseen', () => {
      const bench = new Bench();
      bench.birth();
      bench.note(bench.host.disconnected(bench.now));
      bench.note(bench.host.connected(bench.now += 1_000));
      const [temp] = reports(bench.birth(1, [], { metrics: [{ name: 'bdSeq', type: 'Int64', value: 1 }, { name: 'Temp', type: 'Double', value: 25 }] }));
      assert.deepEqual([temp?.fromBirth, temp?.known, temp?.changed, temp?.previous], [true, true, true, 20]);
    });
  });

  describe('deaths', () => {
    it('NDEATH marks the edge node offline at the host\'s own time', () => {
      const bench = new Bench();
      bench.birth(4);
      bench.now += 500;
      bench.send('P/NDEATH/E', death(4));
      assert.deepEqual([bench.node().status, bench.node().since], ['offline', bench.now]);
    });

    it('NDEATH marks the metrics of the edge node stale at the host\'s own time', () => {
      const bench = new Bench();
      bench.birth(4);
      bench.now += 500;
      bench.send('P/NDEATH/E', death(4));
      assert.deepEqual(bench.node().metrics.map(({ quality, at }) => [quality, at]), [['stale', bench.now], ['stale', bench.now]]);
    });

    it('NDEATH marks all devices of the edge node offline', () => {
      const bench = new Bench();
      bench.birth(4);
      bench.device(1);
      bench.now += 500;
      bench.send('P/NDEATH/E', death(4));
      assert.deepEqual(bench.node().devices.map(({ status, since }) => [status, since]), [['offline', bench.now]]);
    });

    it('NDEATH marks the metrics of all its devices stale', () => {
      const bench = new Bench();
      bench.birth(4);
      bench.device(1);
      bench.now += 500;
      bench.send('P/NDEATH/E', death(4));
      assert.deepEqual(bench.node().devices.flatMap(({ metrics }) => metrics).map(({ quality, at }) => [quality, at]), [['stale', bench.now]]);
    });

    it('DDEATH marks the device offline at the time in its payload', () => {
      const bench = new Bench();
      bench.birth();
      bench.device(1);
      bench.send('P/DDEATH/E/D', { seq: 2, timestamp: T0 + 77 });
      assert.deepEqual(bench.node().devices.map(({ status, since }) => [status, since]), [['offline', T0 + 77]]);
      assert.equal(bench.node().status, 'online');
    });

    it('DDEATH marks the metrics of the device stale at the time in its payload', () => {
      const bench = new Bench();
      bench.birth();
      bench.device(1);
      bench.send('P/DDEATH/E/D', { seq: 2, timestamp: T0 + 77 });
      assert.deepEqual(bench.node().devices.flatMap(({ metrics }) => metrics).map(({ quality, at }) => [quality, at]), [['stale', T0 + 77]]);
    });

    it('the will of an earlier session is ignored: its bdSeq is another one', () => {
      const bench = new Bench();
      bench.birth(5);
      bench.send('P/NDEATH/E', death(4));
      assert.equal(bench.node().status, 'online');
      assert.equal(bench.host.counters.oldDeaths, 1);
    });

    it('a second death of the same session is ignored', () => {
      const bench = new Bench();
      bench.birth(5);
      bench.send('P/NDEATH/E', death(5));
      const { since } = bench.node();
      bench.now += 1_000;
      bench.send('P/NDEATH/E', death(5));
      assert.equal(bench.node().since, since);
    });

    it('a death without a birth before it is a gap', () => {
      const bench = new Bench();
      bench.now += 5_000;
      assert.deepEqual(gaps(bench.send('P/NDEATH/E', death(3))), [['death-without-birth', T0, T0 + 5_000]]);
      assert.equal(bench.node().status, 'offline');
    });

    it('a death that does not say of which session is taken for the last one, and the edge node is asked', () => {
      const bench = new Bench();
      bench.birth(5);
      const effects = [...bench.send('P/NDEATH/E', { metrics: [] }), ...bench.pass(1)];
      assert.equal(bench.node().status, 'offline');
      assert.deepEqual(asked(effects), ['death-unnamed']);
    });

    it('everything is stale when the host loses its connection', () => {
      const bench = new Bench();
      bench.birth();
      bench.device(1);
      bench.now += 10;
      bench.host.disconnected(bench.now);
      const node = bench.node();
      assert.deepEqual([node.status, ...node.devices.map(({ status }) => status)], ['unknown', 'unknown']);
      assert.ok([...node.metrics, ...node.devices.flatMap(({ metrics }) => metrics)].every(({ quality, at }) => quality === 'stale' && at === bench.now));
    });
  });

  describe('sequence', () => {
    it('numbers go on at 0 after 255', () => {
      const bench = new Bench();
      bench.birth();
      for (let n = 1; n <= 600; n += 1) assert.deepEqual(values(bench.temp(n % 256, n)), [n]);
      assert.deepEqual(gaps(bench.seen), []);
    });

    it('an early message starts the reorder timeout and waits', () => {
      const bench = new Bench();
      bench.birth();
      bench.temp(1, 1);
      assert.deepEqual(kinds(bench.temp(3, 3)), []);
      assert.equal(bench.host.nextDue(), bench.now + REORDER);
      assert.equal(bench.node().waiting, 1);
    });

    it('the reorder timeout can be set', () => {
      const bench = new Bench({ reorderMs: 50 });
      bench.birth();
      bench.temp(2, 2);
      assert.equal(bench.host.nextDue(), bench.now + 50);
      assert.deepEqual(asked(bench.pass(50)), ['sequence']);
    });

    it('messages that arrive in time are put in their order, the timer ends, nobody is asked', () => {
      const bench = new Bench();
      bench.birth();
      bench.temp(4, 4);
      bench.temp(2, 2);
      bench.temp(3, 3);
      bench.now += REORDER - 1;
      assert.deepEqual(values(bench.temp(1, 1)), [1, 2, 3, 4]);
      assert.equal(bench.host.nextDue(), undefined);
      assert.deepEqual(kinds(bench.pass(REORDER * 10)), []);
    });

    it('when the reorder timeout has passed the edge node is asked to report anew', () => {
      const bench = new Bench();
      bench.birth();
      bench.temp(2, 2);
      assert.deepEqual(asked(bench.pass(REORDER - 1)), []);
      assert.deepEqual(asked(bench.pass(1)), ['sequence']);
    });

    it('a hole in the sequence is a gap, and what came after it is not lost', () => {
      const bench = new Bench();
      bench.birth();
      bench.temp(1, 1);
      bench.now += 1_000;
      bench.temp(4, 4);
      bench.temp(3, 3);
      const effects = bench.pass(REORDER);
      assert.deepEqual(gaps(effects), [['sequence', T0, T0 + 1_000]]);
      assert.deepEqual(values(effects), [3, 4]);
      assert.deepEqual(values(bench.temp(5, 5)), [5]);
    });

    it('a message that comes again, or after its turn, is counted and not taken', () => {
      const bench = new Bench();
      bench.birth();
      bench.temp(1, 1);
      assert.deepEqual(kinds(bench.temp(1, 1)), []);
      assert.equal(bench.host.counters.late, 1);
      assert.equal(bench.host.nextDue(), undefined);
    });

    it('more than half a ring of missing messages is a hole and not the past', () => {
      const bench = new Bench();
      bench.birth();
      bench.now += 10;
      bench.temp(200, 200);
      assert.deepEqual(gaps(bench.pass(REORDER)).map(([reason]) => reason), ['sequence']);
    });

    it('any order of a burst within the timeout gives the same reports', () => {
      fc.assert(fc.property(fc.integer({ min: 1, max: 60 }).chain((length) => fc.shuffledSubarray(Array.from({ length }, (_none, at) => at + 1), { minLength: length, maxLength: length })), (order) => {
        const bench = new Bench();
        bench.birth(0, [], { seq: 240 });
        for (const n of order) bench.temp((240 + n) % 256, n);
        assert.deepEqual(values(bench.seen), [...order].sort((a, b) => a - b));
        assert.deepEqual(gaps(bench.seen), []);
        assert.equal(bench.host.nextDue(), undefined);
      }), { numRuns: 200 });
    });

    it('whatever is lost of a burst is covered by a gap, and the rest comes in order, each once', () => {
      fc.assert(fc.property(fc.array(fc.constantFrom('kept', 'lost', 'twice'), { minLength: 1, maxLength: 60 }), (fates) => {
        const bench = new Bench();
        bench.birth();
        fates.forEach((fate, at) => {
          bench.now += 5;
          if (fate !== 'lost') bench.temp((at + 1) % 256, at + 1);
          if (fate === 'twice') bench.temp((at + 1) % 256, at + 1);
        });
        bench.pass(REORDER);
        bench.pass(REORDER);
        const kept = fates.flatMap((fate, at) => (fate === 'lost' ? [] : [at + 1]));
        assert.deepEqual(values(bench.seen), kept);
        const hole = fates.slice(0, (kept.at(-1) ?? 0)).includes('lost');
        assert.equal(gaps(bench.seen).length > 0, hole);
      }), { numRuns: 200 });
    });
  });

  describe('rebirth', () => {
    it('data before a birth certificate asks for one after the reorder timeout, and what came before it is a gap', () => {
      const bench = new Bench();
      bench.temp(17, 1);
      assert.deepEqual(asked(bench.pass(REORDER)), ['no-birth']);
      bench.now += 300;
      assert.deepEqual(gaps(bench.birth()), [['no-birth', T0, bench.now]]);
      assert.deepEqual(values(bench.temp(1, 2)), [2]);
    });

    it('data that overtook its own birth certificate is taken after it', () => {
      const bench = new Bench();
      bench.now += 2;
      bench.device(1);
      bench.temp(2, 5);
      const effects = bench.birth(0, [], { timestamp: T0 + 1 });
      assert.deepEqual(values(effects), [5]);
      assert.deepEqual(gaps(effects), []);
      assert.deepEqual(asked(bench.pass(REORDER * 3)), []);
    });

    it('an unknown alias, metric or device asks for a rebirth and is a gap until it comes', () => {
      for (const [reason, send] of [
        ['unknown-alias', (bench: Bench) => bench.send('P/NDATA/E', bareData(1, bench.now, [{ alias: 55, doubleValue: 3.5 }]))],
        ['unknown-metric', (bench: Bench) => bench.send('P/NDATA/E', { seq: 1, metrics: [{ name: 'New', type: 'Double', value: 1 }] })],
        ['unknown-device', (bench: Bench) => bench.send('P/DDATA/E/X', { seq: 1, metrics: [{ name: 'New', type: 'Double', value: 1 }] })],
      ] as const) {
        const bench = new Bench();
        bench.birth();
        assert.deepEqual(asked(send(bench)), [reason]);
        bench.now += 400;
        assert.deepEqual(gaps(bench.birth()), [['not-in-birth', T0, T0 + 400]], reason);
      }
    });

    it('a data type that changes at run time is refused, said and asked about', () => {
      const bench = new Bench();
      bench.birth();
      const effects = bench.send('P/NDATA/E', { seq: 1, metrics: [{ name: 'Temp', type: 'String', value: 'warm' }] });
      assert.deepEqual([refused(effects), asked(effects), values(effects)], [['type-change'], ['type-change'], []]);
    });

    it('is asked for at most every five seconds, then more and more seldom', () => {
      const bench = new Bench();
      bench.birth();
      const times: number[] = [];
      for (let n = 1; n < 2_000; n += 1) {
        const effects = [...bench.send('P/NDATA/E', { seq: n % 256, metrics: [{ name: 'New', type: 'Double', value: n }] }), ...bench.pass(100)];
        if (asked(effects).length > 0) times.push(bench.now - T0);
        if (n % 500 === 0) bench.birth();
        if (n % 500 === 0) bench.host.receive({ type: 'NBIRTH', group: 'P', edgeNode: 'E' }, encodePayload({ timestamp: bench.now, seq: n % 256, metrics: [{ name: 'bdSeq', type: 'Int64', value: 0 }] }), false, bench.now);
      }
      const steps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
      assert.ok(times.length >= 3 && times.length <= 8, String(times));
      assert.ok(steps.every((step, at) => step >= 5_000 * 2 ** at - 200), String(steps));
    });

    it('a request without an answer is made again until a birth certificate comes', () => {
      const bench = new Bench();
      bench.temp(4, 1);
      bench.pass(REORDER);
      assert.deepEqual(asked(bench.pass(5_000)), ['no-birth']);
      bench.birth();
      assert.deepEqual(asked(bench.pass(60_000)), []);
    });

    it('edge nodes that were known are asked after a reconnect, unless they report by themselves', () => {
      const bench = new Bench();
      bench.birth();
      bench.send('P/NBIRTH/Other', { seq: 0, metrics: [] });
      bench.note(bench.host.disconnected(bench.now));
      bench.note(bench.host.connected(bench.now += 500));
      bench.birth(1);
      const effects = bench.pass(REORDER);
      assert.deepEqual(effects.flatMap((effect) => (effect.kind === 'rebirth' ? [[effect.edgeNode, effect.reason]] : [])), [['Other', 'host-online']]);
    });

    it('a host that is not the primary one never asks', () => {
      const bench = new Bench({ rebirth: false });
      bench.birth();
      bench.temp(3, 3);
      bench.send('P/NDATA/E', { seq: 4, metrics: [{ name: 'New', type: 'Double', value: 1 }] });
      bench.temp(9, 3);
      bench.send('P/NDATA/Unborn', { seq: 4, metrics: [] });
      bench.pass(REORDER);
      bench.pass(60_000);
      assert.deepEqual(asked(bench.seen), []);
      assert.ok(gaps(bench.seen).length > 0);
    });
  });

  describe('what cannot be taken', () => {
    it('is refused with one sentence: bytes that are no payload, the retain flag, NaN', () => {
      const bench = new Bench();
      bench.birth();
      assert.deepEqual(refused(bench.send('P/NDATA/E', Uint8Array.from([255, 255]))), ['malformed']);
      assert.deepEqual(refused(bench.send('P/NBIRTH/E', { seq: 0, metrics: [] }, true)), ['retained']);
      const nan = bench.send('P/NDATA/E', { seq: 1, metrics: [{ name: 'Temp', type: 'Double', value: NaN }] });
      assert.deepEqual(refused(nan), ['value']);
      assert.equal(bench.node().metrics.find(({ name }) => name === 'Temp')?.quality, 'bad');
    });

    it('edge nodes beyond the limit are refused; one that never showed a birth certificate makes room', () => {
      const bench = new Bench({ limits: { ...defaultHostLimits, edgeNodes: 2 } });
      bench.birth();
      bench.send('P/NBIRTH/Two', { seq: 0, metrics: [] });
      assert.deepEqual(refused(bench.send('P/NBIRTH/Three', { seq: 0, metrics: [] })), ['too-many-edge-nodes']);
      assert.equal(bench.host.view().length, 2);
    });

    it('metrics beyond the limit are refused with the whole birth certificate', () => {
      const bench = new Bench({ limits: { ...defaultHostLimits, metrics: 4 } });
      bench.birth();
      assert.deepEqual(refused(bench.device(1, [{ name: 'a', type: 'Int32', value: 1 }, { name: 'b', type: 'Int32', value: 1 }])), ['too-many-metrics']);
      assert.deepEqual(refused(bench.device(2, [{ name: 'a', type: 'Int32', value: 1 }])), []);
    });

    it('what waits is bounded: beyond it the hole is given up at once', () => {
      const bench = new Bench({ limits: { ...defaultHostLimits, waitingBytes: 200 } });
      bench.birth();
      for (let n = 2; n < 30; n += 1) bench.temp(n, n);
      assert.ok(gaps(bench.seen).some(([reason]) => reason === 'too-many-waiting'));
      assert.deepEqual(values(bench.seen), Array.from({ length: 28 }, (_none, at) => at + 2));
    });

    it('random messages of any kind never throw, and memory stays within the limits', () => {
      const limits = { ...defaultHostLimits, edgeNodes: 3, metrics: 20, waitingBytes: 2_000 };
      const name = fc.constantFrom('A', 'B', 'C', 'D', 'E');
      const message = fc.record({ type: fc.constantFrom('NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'), node: name, device: name, seq: fc.option(fc.nat(255)), metrics: fc.array(fc.tuple(name, fc.constantFrom('Int32', 'String')), { maxLength: 8 }), ms: fc.nat(3_000) });
      fc.assert(fc.property(fc.array(message, { maxLength: 80 }), (messages) => {
        const bench = new Bench({ limits });
        for (const { type, node, device, seq, metrics, ms } of messages) {
          bench.send(`P/${type}/${node}${type.startsWith('D') ? `/${device}` : ''}`, { ...(seq === null ? {} : { seq }), metrics: metrics.map(([metric, kind]) => ({ name: metric, type: kind, value: kind === 'String' ? 'x' : 1 })) });
          bench.pass(ms);
        }
        const view = bench.host.view();
        assert.ok(view.length <= 3);
        assert.ok(view.reduce((sum, { metrics, devices }) => sum + metrics.length + devices.reduce((all, each) => all + 1 + each.metrics.length, 0), 0) <= 20);
      }), { numRuns: 150 });
    });
  });
});
