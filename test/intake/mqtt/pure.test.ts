import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BrokerEnded, DisplayBoard, displayText, explainFailure, fillTopic, isTopicFilter, withoutPassword } from '../../../src/intake/mqtt/index.ts';
import { OrderedAcks } from '../../../src/intake/mqtt/ordered-acks.ts';
import { InFlight } from '../../../src/intake/mqtt/in-flight.ts';
import { limitedLog } from '../../../src/intake/limited-log.ts';
import { compileTopicFilter, filterCovers, minimalFilters, topicMatches } from '../../../src/intake/mqtt/topic-filter.ts';
import { encodeLength } from '../../../src/intake/mqtt/packet-guard.ts';

describe('topic filters (MQTT 5 §4.7)', () => {
  const cases: readonly [filter: string, topic: string, matches: boolean][] = [
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/broker', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
  ];
  for (const [filter, topic, matches] of cases) {
    it(`${filter} ${matches ? 'matches' : 'does not match'} ${topic}`, () => assert.equal(topicMatches(filter, topic), matches));
  }

  const level = fc.constantFrom('a', 'b', '+');
  const filter = fc.tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean()).map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));
  const topic = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));

  it('a filter that covers another matches all of its topics', () => {
    fc.assert(fc.property(filter, filter, topic, (outer, inner, name) => {
      fc.pre(filterCovers(outer, inner) && topicMatches(inner, name));
      assert.ok(topicMatches(outer, name), `${outer} covers ${inner}, not ${name}`);
    }));
  });

  it('the minimal filters match what all of them match', () => {
    fc.assert(fc.property(fc.array(filter, { maxLength: 5 }), topic, (filters, name) => {
      const any = (list: readonly string[]): boolean => list.map(compileTopicFilter).some((matches) => matches(name));
      assert.equal(any(minimalFilters(filters)), any(filters));
    }));
  });

  it('drops what another one covers', () => assert.deepEqual(minimalFilters(['+/+/scan', 'a/+/scan', 'b/#', 'b/c/scan']), ['+/+/scan', 'b/#']));
});

describe('ordered acknowledgements (MQTT-4.6.0-2)', () => {
  it('go out in the order of arrival for every order of commits; what failed is skipped', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 30 }).chain((n) => fc.record({ order: fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }), failing: fc.subarray([...Array(n).keys()]) })), async ({ order, failing }) => {
      const acks = new OrderedAcks();
      const out: number[] = [];
      const finish: ((error?: Error) => void)[] = [];
      for (let i = 0; i < order.length; i += 1) {
        acks.add(new Promise((resolve, reject) => { finish[i] = (error) => (error === undefined ? resolve() : reject(error)); }), (error) => { if (error === undefined) out.push(i); });
      }
      for (const i of order) {
        finish[i]?.(failing.includes(i) ? new Error('no') : undefined);
        await Promise.resolve();
      }
      await new Promise((resolve) => { setImmediate(resolve); });
      assert.deepEqual(out, [...Array(order.length).keys()].filter((i) => !failing.includes(i)));
      assert.equal(acks.size, 0);
    }), { numRuns: 50 });
  });
});

describe('in-flight bound', () => {
  it('says full at the bound and free below half of it', () => {
    const said: boolean[] = [];
    const flight = new InFlight({ messages: 4, bytes: 100 }, (full) => said.push(full));
    for (let i = 0; i < 4; i += 1) flight.take(1);
    flight.release(1);
    assert.deepEqual(said, [true]);
    flight.release(1);
    assert.deepEqual(said, [true, false]);
    flight.take(200);
    assert.deepEqual(said, [true, false, true]);
  });
});

describe('remaining length (MQTT 3.1.1 §2.2.3, table 2.4)', () => {
  for (const [length, bytes] of [[0, [0]], [127, [0x7f]], [128, [0x80, 1]], [16_383, [0xff, 0x7f]], [16_384, [0x80, 0x80, 1]], [268_435_455, [0xff, 0xff, 0xff, 0x7f]]] as const) {
    it(String(length), () => assert.deepEqual(encodeLength(length), bytes));
  }
});

describe('dock displays', () => {
  it('have one text for each thing that can become of a scan', () => {
    assert.deepEqual([
      displayText({ kind: 'recorded' }), displayText({ kind: 'repeat', outcome: 'done' }), displayText({ kind: 'awaiting-approval' }), displayText({ kind: 'erp-waiting' }),
      displayText({ kind: 'closed', outcome: 'done' }), displayText({ kind: 'rejected' }), displayText({ kind: 'exception', message: 'No ASN for this carton; put it on Q-1.' }),
    ], ['Recorded', 'Already received', 'Recorded, waiting for approval', 'Recorded, ERP waiting', 'Received', 'Refused: not approved', 'Problem: No ASN for this carton; put it on Q-1.']);
  });

  it('are told once, at the dock where the case began, however many nodes take its scans', () => {
    const sent: [string, string][] = [];
    const board = new DisplayBoard((topic, payload) => { sent.push([topic, payload]); return true; });
    board.add({ topic: '{enterprise}/{site}/{area}/{station}/display', site: 'dc-1' });
    board.add({ topic: '{enterprise}/{site}/{area}/{station}/display', site: 'dc-1' });
    const remove = board.add({ topic: 'all/{station}', site: 'dc-2' });
    board.tellOrigin({ enterprise: 'acme', site: 'dc-1', area: 'receiving', station: 'dock-1' }, { kind: 'erp-waiting', caseId: 'c-1', title: 'SSCC 1' });
    assert.deepEqual(sent, [['acme/dc-1/receiving/dock-1/display', '{"caseId":"c-1","title":"SSCC 1","kind":"erp-waiting","text":"Recorded, ERP waiting"}']]);
    remove();
    board.tellOrigin(undefined, { kind: 'closed', title: '' });
    assert.equal(sent.length, 1);
  });

  it('are not addressed with variables that are missing or no topic level', () => {
    assert.equal(fillTopic('{site}/{dock}/display', { site: 'dc-1' }), undefined);
    assert.equal(fillTopic('{site}/display', { site: '#' }), undefined);
    assert.equal(fillTopic('{site}/display', { site: 'dc-1' }), 'dc-1/display');
  });
});

describe('topic filters', () => {
  it('are told from what is none', () => {
    for (const filter of ['a', 'a/+/c', '+/b', 'a/#', '#', '/a', 'a//b']) assert.equal(isTopicFilter(filter), true, filter);
    for (const filter of ['', 'a/#/c', 'a+/b', 'a#', '#/a']) assert.equal(isTopicFilter(filter), false, filter);
  });
});

describe('broker failures', () => {
  it('are told in one sentence that says what to do', () => {
    const coded = (code: number | string): Error => Object.assign(new Error('x'), { code });
    assert.match(explainFailure('mqtt://h', coded(134)).reason, /user name or password; correct them in the broker node\.$/);
    assert.match(explainFailure('mqtt://h', coded('ENOTFOUND')).reason, /the name is not known\. Start it, or correct its address in the broker node\.$/);
    assert.match(explainFailure('mqtts://h', Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).reason, /not trusted/);
    assert.equal(explainFailure('mqtt://h', coded(132)).unsupportedVersion, true);
    assert.match(explainFailure('mqtt://h', new Error('Invalid header flag bits, must be 0x0 for puback packet')).reason, /does not answer in MQTT \(.*\); correct the address in the broker node\.$/);
    assert.match(explainFailure('mqtts://h', coded('ECONNRESET')).reason, /whether this port speaks TLS/);
    const taken = explainFailure('mqtt://h', new BrokerEnded(142), 'waybill-1');
    assert.equal(taken.refused, true);
    assert.match(taken.reason, /another client with the client id "waybill-1"; give each Waybill a client id of its own in the broker node\.$/);
    assert.match(explainFailure('mqtt://h', new BrokerEnded(139)).reason, /ended the connection \(it shuts down\); trying again\.$/);
    assert.equal(withoutPassword('mqtt://u:p@h:1'), 'mqtt://h:1');
  });
});

describe('limited log', () => {
  it('says the first of a kind at once, and later how many it left out', () => {
    let now = 0;
    const said: string[] = [];
    const warn = limitedLog((_level, text) => said.push(text), 10_000, () => now);
    for (let i = 0; i < 5; i += 1) warn('a', `a${i}`);
    warn('b', 'b0');
    now = 10_000;
    warn('a', 'a5');
    assert.deepEqual(said, ['a0', 'b0', 'a5 (and 4 more like it before)']);
  });
});
