import assert from 'node:assert/strict';
import { OpcUaConnection, OpcUaTags } from '../../src/intake/opcua/index.ts';
import type { OpcUaLink } from '../../src/engine/intake/opcua-endpoint-node.ts';
import { testPki } from '../intake/opcua/pki.ts';
import { Open62541 } from '../support/open62541/open62541.ts';
import { CuttingProxy, REQUESTS } from '../support/cutting-proxy.ts';
import { needs } from '../support/system-programs.ts';
import { end, eventually, opener, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

type Config = Readonly<Record<string, unknown>>;

const value = (name: string, given: Config = {}): Config => ({
  name, nodeId: `ns=1;s=Line.${name}`, type: '', value: name.toLowerCase(), valueType: 'facts', least: '', most: '', allowed: '', maxLength: 0, readBack: true, tolerance: '', ...given,
});

describe('plc out node, with a controller of another stack', function () {
  this.timeout(30_000);
  withNodeRed();
  let program: string;
  let rig: Rig;
  let plc: Open62541;
  /** Another client, who looks. */
  let eyes: OpcUaConnection;
  let tags: OpcUaTags;

  before(function () { program = needs(this, 'open62541'); });
  beforeEach(async () => {
    rig = await Rig.open();
    plc = await Open62541.start(program);
    eyes = new OpcUaConnection({ url: plc.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() });
    eyes.start();
    tags = new OpcUaTags(eyes);
    await eventually(() => (eyes.state.kind === 'connected' ? true : undefined));
  });
  afterEach(async () => {
    await eyes.close();
    await rig.close();
    await plc.stop();
  });

  const endpoint = (url: string): FlowNode => ({ id: 'plc', type: 'waybill-opcua-endpoint', name: 'Line 1', url, securityMode: 'none', securityPolicy: 'auto', identity: 'anonymous', userCertificate: '', outageSeconds: 60, configVersion: 1 });
  async function load(config: Config, url = plc.url): Promise<void> {
    await rig.load([
      endpoint(url), opener(['out']), step('plc-out', 'out', { endpoint: 'plc', baseDelaySeconds: 0.05, maxDelaySeconds: 0.1, readBackSeconds: 1, wires: [['done'], ['refused']], ...config }), end('done'), end('refused'),
    ]);
    const { opcua } = rig.node('plc') as unknown as { readonly opcua: OpcUaLink };
    await eventually(() => (opcua.connection.state.kind === 'connected' ? true : undefined));
  }
  const at = async (name: string): Promise<unknown> => (await tags.read([`ns=1;s=Line.${name}`]))[0]?.value;
  const write = async (name: string, type: string, given: unknown): Promise<void> => { assert.deepEqual(await tags.write([{ nodeId: `ns=1;s=Line.${name}`, type, value: given }]), ['Good']); };

  it('takes values as a program writes them: with numbers, and without what says nothing', async () => {
    await load({ writes: [{ name: 'Target', nodeId: 'ns=1;s=Line.Target', value: 'target', valueType: 'facts', least: 1, most: 12, readBack: true }] });
    assert.equal((await rig.closed(await rig.start({ target: 6 }))).outcome, 'done');
    assert.equal(await at('Target'), 6);
    const refused = await rig.closed(await rig.start({ target: 13 }));
    assert.equal(await at('Target'), 6, refused.outcome);
  });

  it('writes values of the case, reads them back, and records them', async () => {
    await load({ writes: [value('Target', { least: '1', most: '12' }), value('Name', { maxLength: 20 }), value('Running', { value: 'true', valueType: 'bool' })], recordAs: 'sorted', milestone: 'sent' });
    const caseId = await rig.start({ target: '7', name: 'T-4711' });
    const view = await rig.closed(caseId);
    assert.equal(view.outcome, 'done');
    assert.deepEqual([await at('Target'), await at('Name'), await at('Running')], [7, 'T-4711', true]);
    assert.deepEqual(view.document['sorted'], { Target: '7', Name: 'T-4711', Running: true });
    assert.deepEqual((await rig.events(caseId)).map((event) => event.type).filter((type) => /Effect|Call|Milestone/.test(type)), ['EffectIntended', 'CallStarted', 'CallEnded', 'MilestoneReached']);
  });

  it('refuses a value that is not allowed before anything is written or intended', async () => {
    await load({ writes: [value('Name'), value('Target', { least: '1', most: '12' })] });
    const caseId = await rig.start({ target: 13, name: 'T-1' });
    assert.equal((await rig.closed(caseId)).outcome, 'refused');
    assert.deepEqual([await at('Target'), await at('Name')], [0, '']);
    assert.deepEqual(await rig.eventsOf(caseId, 'EffectIntended'), []);
  });

  it('refuses what does not fit the type of the tag, and writes nothing else either', async () => {
    await load({ writes: [value('Name'), value('Target')], wires: [['done'], []] });
    const raised = await rig.exception(await rig.start({ target: 40_000, name: 'T-1' }));
    assert.equal(raised.code, 'call-rejected');
    const [told] = await rig.eventsOf(raised.case_id, 'ExceptionRaised');
    assert.match(String(told?.content?.message), /40000 does not fit into Int16 \(-32768 to 32767\)/);
    assert.deepEqual([await at('Target'), await at('Name')], [0, '']);
  });

  it('a value that is not there, or of no use, becomes an exception; corrected facts go on', async () => {
    await load({ writes: [value('Target', { least: '1', most: '12' })], wires: [['done'], []] });
    const raised = await rig.exception(await rig.start({}));
    assert.deepEqual([raised.class, raised.code, raised.system], ['call-rejected', 'value-refused', 'Line 1']);
    const answer = await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'lane-set', correction: { target: 4 }, by: { userId: 'u', name: 'eve', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'inbox' } });
    assert.deepEqual(answer, { ok: true });
    assert.equal((await rig.closed(raised.case_id)).outcome, 'done');
    assert.equal(await at('Target'), 4);
  });

  it('waits until a condition on another tag holds', async () => {
    await load({ writes: [value('Target')], interlocks: [{ tag: 'ns=1;s=Line.Running', operator: '=', value: true }] });
    const caseId = await rig.start({ target: 5 });
    await eventually(async () => ((await rig.eventsOf(caseId, 'CallEnded')).length > 1 ? true : undefined));
    assert.equal(await at('Target'), 0);
    await write('Running', 'Boolean', true);
    assert.equal((await rig.closed(caseId)).outcome, 'done');
    assert.equal(await at('Target'), 5);
    const ends = await rig.eventsOf(caseId, 'CallEnded');
    assert.deepEqual([ends[0]?.data.errorClass, ends.at(-1)?.data.outcome], ['interlock', 'success']);
  });

  it('refuses at once, or after its time, what a condition does not allow', async () => {
    const interlocks = [{ tag: 'ns=1;s=Line.Speed', operator: '<', value: 1 }];
    await load({ writes: [value('Target')], interlocks, onInterlock: 'refuse' });
    assert.equal((await rig.closed(await rig.start({ target: 5 }))).outcome, 'refused');
    await load({ writes: [value('Target')], interlocks, interlockSeconds: 1 });
    assert.equal((await rig.closed(await rig.start({ target: 5 }))).outcome, 'refused');
    assert.equal(await at('Target'), 0);
  });

  it('a tag that may not be written is refused for good, with what was written before it', async () => {
    await load({ writes: [value('Target'), value('Fixed', { value: '1', valueType: 'num' })], inOrder: true });
    const caseId = await rig.start({ target: 5 });
    assert.equal((await rig.closed(caseId)).outcome, 'refused');
    assert.equal(await at('Target'), 5);
    const [ended] = await rig.eventsOf(caseId, 'CallEnded');
    assert.deepEqual([ended?.data.outcome, ended?.data.errorClass, ended?.content?.response], ['permanent', 'BadNotWritable', { body: { error: 'The controller does not take Fixed: BadNotWritable.', written: ['Target'] } }]);
  });

  it('calls a method with checked arguments and records its results', async () => {
    const call = { action: 'call', objectId: 'ns=1;s=Line', methodId: 'ns=1;s=Line.Twice', recovery: 'again', recordAs: 'answer' };
    await load({ ...call, writes: [{ ...value('Number'), nodeId: '', value: 'number', most: '100' }] });
    assert.deepEqual((await rig.closed(await rig.start({ number: 21 }))).document['answer'], { Number: 42 });
    assert.equal((await rig.closed(await rig.start({ number: 101 }))).outcome, 'refused');
    assert.equal((await rig.closed(await rig.start({ number: 1.5 }))).outcome, 'refused');
  });

  it('tries again while the controller is away, and writes when it is back', async () => {
    await load({ writes: [value('Target')] });
    await plc.stop();
    const caseId = await rig.start({ target: 9 });
    await eventually(async () => ((await rig.eventsOf(caseId, 'CallEnded')).length > 0 ? true : undefined));
    await plc.run();
    assert.equal((await rig.closed(caseId)).outcome, 'done');
    await eventually(async () => (eyes.state.kind === 'connected' && await at('Target') === 9 ? true : undefined));
  });

  for (const [what, passOn] of [['had it', true], ['did not have it', false]] as const) {
    it(`a connection that breaks in the middle leaves an unknown outcome, which the tags resolve: the controller ${what}`, async () => {
      const proxy = await CuttingProxy.start(plc.port);
      try {
        await load({ writes: [value('Target')] }, `opc.tcp://127.0.0.1:${proxy.port}`);
        proxy.cutAt(REQUESTS.write, passOn);
        const caseId = await rig.start({ target: 6 });
        assert.equal((await rig.closed(caseId)).outcome, 'done');
        assert.deepEqual([proxy.cuts, await at('Target')], [1, 6]);
        assert.equal((await rig.eventsOf(caseId, 'CallEnded'))[0]?.data.outcome, 'unknown');
        assert.deepEqual((await rig.eventsOf(caseId, 'OutcomeResolved')).map(({ data }) => [data.method, data.outcome]), [['query', passOn ? 'happened' : 'not-happened']]);
        assert.equal((await rig.eventsOf(caseId, 'EffectIntended')).length, passOn ? 1 : 2);
      } finally {
        await rig.load([]);
        await proxy.stop();
      }
    });
  }

  it('a method that was called into a breaking connection is a matter for a person', async () => {
    const proxy = await CuttingProxy.start(plc.port);
    try {
      await load({ action: 'call', objectId: 'ns=1;s=Line', methodId: 'ns=1;s=Line.Twice', recovery: 'person', writes: [{ ...value('Number'), nodeId: '', value: 'number' }] }, `opc.tcp://127.0.0.1:${proxy.port}`);
      proxy.cutAt(REQUESTS.call, true);
      const raised = await rig.exception(await rig.start({ number: 3 }));
      assert.deepEqual([raised.class, raised.system], ['outcome-unknown', 'Line 1']);
    } finally {
      await rig.load([]);
      await proxy.stop();
    }
  });
});
