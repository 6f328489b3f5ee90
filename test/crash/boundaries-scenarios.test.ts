import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atRest } from '../engine/support/crash-run.ts';
import { ErpGate } from '../engine/support/erp-gate.ts';
import { changed, forking, holdingBack, movedToAnotherTab, personFlow, scanFlow } from '../engine/support/flows.ts';
import { breaches, eventsOf } from '../engine/support/invariants.ts';
import type { FlowNode, Look } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { approve, bringIn, deploy, newHistory, retryStalled } from '../engine/support/outside.ts';
import type { History } from '../engine/support/outside.ts';
import { recoverLedger } from '../../src/ledger/sqlite/recover.ts';

/** PROTOCOL §9: what may happen while a case is on its way, besides an end of the process. */
describe('a case on its way', function () {
  this.timeout(60_000);
  let root: string;
  let home: string;
  let erp: ErpGate;
  let history: History;
  const running: NodeRedProcess[] = [];

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'waybill-scenario-'));
    home = join(root, 'home');
    erp = await ErpGate.open();
    history = newHistory();
  });
  afterEach(async () => {
    for (const node of running.splice(0)) await node.kill();
    await erp.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function start(flows: readonly FlowNode[], tuning = {}): Promise<{ readonly node: NodeRedProcess; readonly broker: string; readonly admin: string; readonly state: string; readonly reason: string | undefined }> {
    const node = new NodeRedProcess(join(root, `node-red-${running.length}`), { admin: true });
    running.push(node);
    return { node, ...await node.ask('open', { home, flows, tuning: { stallMs: 5_000, drainMs: 2_000, ...tuning } }) };
  }
  /** Ends in order and looks whether everything holds. */
  async function end(node: NodeRedProcess): Promise<Look> {
    const rest = await node.until(atRest);
    await node.ask('close', {});
    assert.deepEqual(await breaches({ home, history, rest, erp }), []);
    return rest;
  }
  const seen = (node: NodeRedProcess, condition: (look: Look) => boolean): Promise<Look> => node.until(condition);

  for (const type of ['nodes', 'flows', 'full'] as const) {
    it(`arrives through a deploy of type "${type}" that takes its message away`, async () => {
      const flows = personFlow(erp.url);
      const { node, broker, admin } = await start(changed(flows, { 'n-function': { func: 'setTimeout(() => { node.send(msg); node.done(); }, 30000);' } }));
      await bringIn('message', node, broker, history);
      await seen(node, (look) => look.gauges['tokens_in_flight'] === 1 && look.counters['steps_entered'] === 1);
      await deploy(admin, type, flows);
      await approve(node, history);
      const { closed, counters } = await end(node);
      assert.equal(closed.length, 1);
      assert.equal(counters['tokens_resent'], 1);
    });
  }

  it('goes on where its node went: another tab, the same step id', async () => {
    const flows = personFlow(erp.url);
    const { node, broker, admin } = await start(flows);
    await bringIn('message', node, broker, history);
    await seen(node, (look) => look.counts.tasksOpen === 1);
    await deploy(admin, 'nodes', movedToAnotherTab(flows));
    await approve(node, history);
    const { closed, counters } = await end(node);
    assert.equal(closed.length, 1);
    assert.equal(counters['orphans_raised'], 0);
  });

  it('becomes an orphan that is counted when its node is taken out, and goes on when it is back', async () => {
    const flows = personFlow(erp.url);
    const { node, broker, admin } = await start(flows);
    await bringIn('message', node, broker, history);
    await seen(node, (look) => look.counts.tasksOpen === 1);
    await deploy(admin, 'nodes', changed(flows, { 'n-approval': undefined }));
    const orphan = await seen(node, (look) => look.open[0]?.exceptions.length === 1);
    assert.deepEqual([orphan.open[0]?.exceptions[0]?.class, orphan.counters['orphans_raised']], ['orphan', 1]);
    await deploy(admin, 'nodes', flows);
    await seen(node, (look) => look.open[0]?.exceptions.length === 0);
    await approve(node, history);
    const { closed, counters } = await end(node);
    assert.deepEqual([closed.length, counters['orphans_adopted']], [1, 1]);
  });

  it('keeps what a fork brings a second time, and is received once', async () => {
    const { node, broker } = await start(forking(scanFlow(erp.url)));
    await bringIn('scan', node, broker, history);
    await seen(node, (look) => look.closed.length === 1);
    await end(node);
    const events = await eventsOf(home);
    const late = events.filter((e) => e.type === 'TokenLate');
    const raised = events.filter((e) => e.type === 'ExceptionRaised');
    assert.equal(raised.length + late.length, 1, 'the second message left no trace');
    for (const { data, content } of raised) {
      assert.equal(data.class, 'forked-token');
      assert.match(content?.payload ?? '', /"again":true/);
    }
    assert.equal(erp.seen.length, 1);
  });

  it('never enters a step through a message that comes after its token was voided', async () => {
    const { node, broker } = await start(holdingBack(scanFlow(erp.url), 2_500), { stallMs: 300 });
    await bringIn('scan', node, broker, history);
    await seen(node, (look) => look.open[0]?.exceptions[0]?.class === 'stalled-token');
    assert.equal(await retryStalled(node), 1);
    const { counts } = await seen(node, (look) => look.closed.length === 1);
    await seen(node, (look) => look.counts.events > counts.events);
    await end(node);
    const late = (await eventsOf(home)).filter((e) => e.type === 'TokenLate');
    assert.deepEqual(late.map((e) => e.data.reason), ['closed']);
    assert.equal(erp.seen.length, 1);
  });

  it('is posted once when the ledger comes back from a backup that is older than the posting', async () => {
    const flows = personFlow(erp.url);
    const first = await start(flows);
    await bringIn('message', first.node, first.broker, history);
    await seen(first.node, (look) => look.counts.tasksOpen === 1);
    await first.node.ask('close', {});
    await first.node.kill();
    mkdirSync(join(root, 'backup'));
    copyFileSync(join(home, 'ledger.db'), join(root, 'backup/ledger.db'));

    const second = await start(flows);
    await approve(second.node, history);
    await seen(second.node, (look) => look.closed.length === 1);
    await second.node.ask('close', {});
    await second.node.kill();
    copyFileSync(join(root, 'backup/ledger.db'), join(home, 'ledger.db'));
    const requests = erp.requests;

    const refused = await start(flows);
    assert.equal(refused.state, 'refusing');
    assert.match(refused.reason ?? '', /behind.*waybill ledger recover/s);
    const ready = await fetch(`${refused.admin}/waybill/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /behind/);
    await refused.node.kill();
    assert.equal(erp.requests, requests, 'something left while the ledger was behind');

    let ids = 0;
    const recovered = await recoverLedger({ home, actor: { kind: 'system', id: 'test' }, site: 'dc-1', now: Date.now, newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}` });
    assert.equal(recovered?.incarnation, 2);
    const last = await start(flows);
    assert.equal(last.state, 'ready');
    history.decided = false;
    await approve(last.node, history);
    await seen(last.node, (look) => look.closed.length === 1);
    await end(last.node);
    assert.equal(new Set(erp.seen.map((request) => request.key)).size, 1);
    assert.equal(erp.receiptsOf(erp.seen[0]?.reference ?? ''), 1);
  });

  it('belongs to one process: a second one on the same home refuses in one line and is not ready', async () => {
    const flows = personFlow(erp.url);
    const { node, broker } = await start(flows);
    await bringIn('message', node, broker, history);
    const second = await start(flows);
    assert.equal(second.state, 'refusing');
    assert.doesNotMatch(second.reason ?? '', /\n/);
    assert.match(second.node.log, /Waybill refuses to work: .+/);
    const ready = await fetch(`${second.admin}/waybill/readyz`);
    assert.equal(ready.status, 503);
    assert.ok((await ready.text()).includes(second.reason ?? '-'));
    await second.node.kill();
    await approve(node, history);
    assert.equal((await end(node)).closed.length, 1);
  });
});
