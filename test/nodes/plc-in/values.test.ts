import assert from 'node:assert/strict';
import { makeCertificate } from '../../support/opcua-certificates.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { CuttableLine } from '../../support/cuttable-line.ts';
import { needs } from '../../support/system-programs.ts';
import { eventually, Rig, withNodeRed } from '../support/rig.ts';
import { connected, COUNTED, gaps, Killable, opened, plcFlow, running, shown, TAG } from './support/flow.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('plc in node, values of a controller of another stack', function () {
  this.timeout(60_000);
  withNodeRed();
  let program: string;
  let rig: Rig;
  let plc: Open62541;
  const closing: (() => Promise<void> | void)[] = [];

  before(function () { program = needs(this, 'open62541'); });
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await rig.close();
    await plc.stop();
  });

  async function serve(options: Parameters<typeof Open62541.start>[1] = {}): Promise<void> {
    plc = await Open62541.start(program, { tags: 1, everyMs: 30, leastSamplingMs: 0, ...options });
  }
  const values = async (): Promise<number[]> => (await opened(rig)).map(({ plc: { value } }) => value as number);
  const counts = (least: number): Promise<true> => eventually(async () => ((await values()).length >= least ? true : undefined));
  function assertWhole(seen: readonly number[]): void {
    const from = seen[0] ?? 0;
    assert.deepEqual([...seen].sort((a, b) => a - b), seen.map((_value, at) => from + at));
  }

  it('opens one case for each event, with all tags as facts, and says what it counted', async () => {
    await serve();
    await rig.load(plcFlow(plc.url, { tags: [TAG, { name: 'name', nodeId: 'ns=1;s=Line.Name', samplingMs: 250 }], title: '{trigger} {value}', keyTag: 'count', keyType: 'pieces' }));
    await counts(20);
    assertWhole(await values());
    const [first] = await opened(rig);
    assert.ok(first !== undefined);
    assert.deepEqual(first.plc['tags'], { count: first.plc['value'], name: '' });
    assert.ok(Math.abs(Date.parse(first.occurredAt) - Date.now()) < 30_000);
    const { title, business_keys: keys } = (await rig.engine.ledger.listCases({}, { limit: 100 })).items.find(({ case_id: id }) => id === first.caseId) as unknown as { title: string; business_keys?: unknown };
    assert.equal(title, `counted ${String(first.plc['value'])}`);
    assert.notEqual(keys, '[]');
    const [recorded] = await rig.eventsOf(first.caseId, 'ScanRecorded');
    assert.equal(recorded?.data.kind, 'plc');
    await eventually(() => (/^connected · \d+ events$/.test(shown(rig)) ? true : undefined));
    const { counters } = rig.engine.metrics();
    assert.ok((counters['plc_values'] ?? 0) >= 20 && (counters['plc_opened'] ?? 0) >= 20, JSON.stringify(counters));
    assert.equal((await rig.closed(first.caseId)).outcome, 'done');
  });

  it('loses nothing and doubles nothing over deploys', async () => {
    await serve();
    for (let round = 0; round < 3; round += 1) {
      const before = (await values()).length;
      await rig.load(plcFlow(plc.url));
      await counts(before + 15);
    }
    assertWhole(await values());
    assert.deepEqual(await gaps(rig), []);
    assert.deepEqual(await plc.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('takes over what it watched with another interval, another outage and other tags, without a loss', async () => {
    await serve({ queueLimit: 100_000 });
    await rig.load(plcFlow(plc.url, { outageSeconds: 60 }));
    await counts(10);
    await rig.load(plcFlow(plc.url, { publishingMs: 2_000, outageSeconds: 600, tags: [TAG, { name: 'name', nodeId: 'ns=1;s=Line.Name', samplingMs: 250 }] }));
    const before = running(rig).running.counters()['notifications'] ?? 0;
    await connected(rig);
    await pause(5_000);
    const since = (running(rig).running.counters()['notifications'] ?? 0) - before;
    assert.ok(since >= 1 && since <= 4, `${since} notifications in 5 s, at one every 2 s`);
    assertWhole(await values());
    assert.deepEqual(await gaps(rig), []);
    assert.deepEqual(await plc.counts(), { sessions: 1, subscriptions: 1 });
    const queues = async (): Promise<number[]> => {
      const kept = await rig.engine.lastPosition({ what: 'plc', address: 'main/in', site: 'dc-1', source: 'Line 1' });
      return ((kept?.['subscription'] as { readonly items?: readonly { readonly queueSize: number }[] } | undefined)?.items ?? []).map(({ queueSize }) => queueSize);
    };
    assert.deepEqual(await queues(), [60_400, 2_416]);
  });

  it('goes on after SIGKILL where it was: what the ledger has not comes again, and opens no second case', async function () {
    this.timeout(120_000);
    await serve({ everyMs: 5 });
    await rig.close(true);
    const flow = plcFlow(plc.url);
    for (let round = 0; round < 4; round += 1) {
      const child = new Killable(rig.home, flow);
      closing.push(() => child.kill());
      await eventually(() => (child.cases > 100 ? true : undefined));
      await child.kill();
      await pause(300);
    }
    rig = await Rig.open({}, { home: rig.home });
    const before = (await values()).length;
    assert.ok(before > 400, String(before));
    await rig.load(flow);
    await plc.tell('pause');
    const last = await plc.counted();
    await eventually(async () => ((await values()).includes(last) ? true : undefined));
    assertWhole(await values());
    assert.deepEqual(await gaps(rig), []);
    await eventually(async () => ((await plc.counts()).subscriptions === 1 ? true : undefined));
  });

  it('says which tag the server does not know, and watches the others', async () => {
    await serve();
    await rig.load(plcFlow(plc.url, { tags: [TAG, { name: 'ghost', nodeId: 'ns=1;s=Line.Nowhere', samplingMs: 100 }] }));
    await counts(3);
    await eventually(() => (/^.*Line\.Nowhere.* · connected · \d+ events$/.test(shown(rig)) ? true : undefined));
    assert.equal(rig.shown('in').at(-1)?.fill, 'red');
  });

  it('takes away what it watched when it is removed, and misses nothing when it comes back', async () => {
    await serve();
    await rig.load(plcFlow(plc.url));
    await counts(5);
    const node = rig.node('in') as unknown as { close(removed: boolean): Promise<void> };
    await node.close(true);
    await eventually(async () => ((await plc.counts()).subscriptions === 0 ? true : undefined));
    const before = (await values()).length;
    await pause(500);
    await rig.load(plcFlow(plc.url));
    await counts(before + 5);
    assert.deepEqual(await gaps(rig), []);
  });

  it('records a gap with its times when the controller was started again', async () => {
    await serve();
    await rig.load(plcFlow(plc.url));
    await counts(10);
    const stopped = Date.now();
    await plc.stop();
    await eventually(() => (/cannot be reached|trying again|Start it/.test(shown(rig)) ? true : undefined));
    await plc.run();
    const [gap] = await eventually(async () => {
      const found = await gaps(rig);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual([gap?.['source'], gap?.['reason']], ['Line 1', 'subscription-lost']);
    assert.ok(Date.parse(String(gap?.['fromTime'])) <= stopped && Date.parse(String(gap?.['toTime'])) >= stopped);
    assert.ok(running(rig).samples.list().some(({ kind }) => kind === 'gap'));
  });

  it('keeps what comes over a cut line', async () => {
    await serve();
    const line = await CuttableLine.to(plc.port);
    closing.push(() => { line.close(); });
    await rig.load(plcFlow(line.url));
    await counts(10);
    line.cut();
    await pause(1_500);
    line.mend();
    const before = (await values()).length;
    await counts(before + 60);
    assertWhole(await values());
    assert.deepEqual(await gaps(rig), []);
    await rig.load([]);
  });

  for (const [what, says, config] of [
    ['no tag', /No tag is watched/, { tags: [] }],
    ['no event', /No event is set/, { triggers: [] }],
    ['an event of a tag that is not there', /Event counted cannot be used \(unknown-tag\)/, { triggers: [{ ...COUNTED, tag: 'weight' }] }],
    ['a tag without a node id', /Tag 1 cannot be used \(bad-node-id\)/, { tags: [{ ...TAG, nodeId: 'Line.Tag0' }] }],
    ['a key that is not watched', /The key is the tag "sscc", which is not watched/, { keyTag: 'sscc' }],
    ['a mode that is not known', /The mode "telepathy" is not known/, { mode: 'telepathy' }],
    ['no endpoint', /choose an OPC UA endpoint/, { endpoint: '' }],
  ] as const) {
    it(`says what to mend: ${what}`, async () => {
      await serve();
      await rig.load(plcFlow(plc.url, config));
      assert.match(shown(rig), says);
      assert.equal(rig.shown('in').at(-1)?.fill, 'red');
    });
  }

  it('says which certificate is not trusted, that it has expired, and that a policy is not offered', async () => {
    const { certificateDerFile, keyDerFile } = await makeCertificate({ applicationUri: 'urn:open62541.server.application', notBefore: new Date(Date.now() - 2 * 86_400_000), notAfter: new Date(Date.now() - 3_600_000) });
    await serve({ certificate: certificateDerFile, key: keyDerFile });
    const told = (pattern: RegExp): Promise<true> => eventually(() => (pattern.test(shown(rig)) && rig.shown('in').at(-1)?.fill === 'red' ? true : undefined));
    await rig.load(plcFlow(plc.url, {}, { securityMode: 'signAndEncrypt' }));
    await told(/^The certificate of the server \([0-9A-F]{8}…\) is not trusted yet \(it expired on \d{4}-\d\d-\d\d.*\); look at it in the form of the endpoint/);
    await rig.load([]);
    await plc.stop();
    await serve();
    await rig.load(plcFlow(plc.url, {}, { securityMode: 'signAndEncrypt', securityPolicy: 'Basic256Sha256' }));
    await told(/does not offer this security mode and policy; choose one that it offers in the endpoint node/);
    assert.deepEqual(await opened(rig), []);
  });

  it('says of values that cannot be right what they are, and opens no case for them', async () => {
    await serve({ everyMs: 1_000 });
    await rig.load(plcFlow(plc.url, {
      tags: [{ name: 'speed', nodeId: 'ns=1;s=Line.Speed', samplingMs: 0 }, { name: 'loose', nodeId: 'ns=1;s=Line.Loose', samplingMs: 0 }],
      triggers: [{ name: 'fast', kind: 'above', tag: 'speed', limit: 5 }, { name: 'loosely', kind: 'change', tag: 'loose' }],
    }));
    await connected(rig);
    await eventually(() => (running(rig).samples.values().length === 2 ? true : undefined));
    const told = (pattern: RegExp): Promise<true> => eventually(() => (pattern.test(shown(rig)) ? true : undefined));
    await plc.tell('bad');
    await told(/^The tag "speed" has no good value \(BadSensorFailure\); .* · connected$/);
    await plc.tell('speed nan');
    await told(/^The tag "speed" is NaN, no number; .* · connected$/);
    await plc.tell('speed 1');
    await told(/^connected$/);
    assert.deepEqual(await opened(rig), []);
    await plc.tell('retype');
    await eventually(() => (/"loose" changed its type from number to string/.test(running(rig).running.lastProblem()?.reason ?? '') ? true : undefined));
    assert.ok(running(rig).samples.list().some(({ kind, title }) => kind === 'trouble' && title === 'loose'));
    assert.deepEqual(await opened(rig), []);
    await plc.tell('future 3600000');
    await told(/^The time of the tag "speed" is in the future; .* · connected · 1 event$/);
    const fast = (await opened(rig)).find(({ plc: { trigger } }) => trigger === 'fast');
    assert.ok(Math.abs(Date.parse(fast?.occurredAt ?? '') - Date.now()) < 30_000, fast?.occurredAt);
  });
});
