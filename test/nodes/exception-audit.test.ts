import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { jpeg } from '../support/photos.ts';
import { end, opener, person, Rig, step, withNodeRed } from './support/rig.ts';

const codeOf = (outcome: { readonly ok: boolean; readonly code?: string }): string | undefined => (outcome.ok ? undefined : outcome.code);

describe('exception node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  const load = (): Promise<void> => rig.load([
    opener(['ask']),
    step('exception', 'ask', {
      severity: 'high', queue: 'receiving', code: 'no-asn', message: '"Nobody announced " & $facts.sscc', messageType: 'jsonata', place: 'lane', placeType: 'facts', wires: [['end']],
    }),
    end('end'),
  ]);

  it('raises it with place, queue and severity, and goes on when it was resolved', async () => {
    await load();
    const caseId = await rig.start({ sscc: '395210010100000000', lane: 'blocked lane 3' });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code, raised.severity, raised.queue, raised.message], ['business', 'no-asn', 'high', 'receiving', 'Nobody announced 395210010100000000']);
    assert.deepEqual((await rig.eventsOf(caseId, 'ExceptionRaised'))[0]?.content?.detail, { place: 'blocked lane 3' });
    assert.equal((await rig.view(caseId)).activity, 'exception');
    await rig.resolve(raised.exception_id, 'continue');
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    assert.equal((await rig.eventsOf(caseId, 'ExceptionRaised')).length, 1);
  });

  it('closes the case when it is cancelled', async () => {
    await load();
    const raised = await rig.exception(await rig.start({ sscc: '1', lane: 'a' }));
    await rig.resolve(raised.exception_id, 'cancel');
    assert.equal((await rig.closed(raised.case_id)).outcome, 'cancelled');
  });

  it('is resolved once', async () => {
    await load();
    const raised = await rig.exception(await rig.start({ sscc: '1', lane: 'a' }));
    await rig.resolve(raised.exception_id, 'retry');
    const again = await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'retry', code: 'again', by: { userId: 'u', name: 'u', roles: ['engineer'], sites: ['*'], authMethod: 'token', channel: 'api' } });
    assert.equal(again.ok ? undefined : again.code, 'exception-resolved');
  });
});

describe('audit node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  it('records what and why, the hash of all it saw, and the evidence without what is to be redacted', async () => {
    await rig.load([
      opener(['audit']),
      step('audit', 'audit', { what: 'weight checked', why: '"by " & $facts.by.role', whyType: 'jsonata', evidence: 'payload', evidenceType: 'msg', redact: 'by.name, missing.path', wires: [['end']] }),
      end('end'),
    ]);
    const payload = { by: { name: 'Anna', role: 'clerk' }, kg: 12.5 };
    const caseId = await rig.start(payload);
    await rig.closed(caseId);
    const [audit] = await rig.eventsOf(caseId, 'AuditRecorded');
    const text = JSON.stringify(payload);
    assert.deepEqual(audit?.data, { what: 'weight checked', attachments: [{ name: 'evidence', sha256: hash('sha256', text), bytes: text.length }] });
    assert.deepEqual(audit?.content, { why: 'by clerk', evidence: { value: { by: { name: '[redacted]', role: 'clerk' }, kg: 12.5 } } });
  });

  it('needs no evidence', async () => {
    await rig.load([opener(['audit']), step('audit', 'audit', { what: 'seen', why: 'because', evidence: '', wires: [['end']] }), end('end')]);
    const caseId = await rig.start({});
    await rig.closed(caseId);
    const [audit] = await rig.eventsOf(caseId, 'AuditRecorded');
    assert.deepEqual([audit?.data.attachments, audit?.content], [[], { why: 'because' }]);
  });

  describe('that asks for photos', () => {
    const asking = (config: Readonly<Record<string, unknown>> = {}): Promise<void> => rig.load([
      opener(['audit']),
      step('audit', 'audit', { configVersion: 2, what: 'damage', evidence: '', photos: 2, photoRole: 'receiving-clerk', photoQuestion: 'The corner and the label', wires: [['end'], ['none']], ...config }),
      end('end'), end('none'),
    ]);
    const clerk = person('carla', 'receiving-clerk');
    const decide = async (task: { readonly task_id: string; readonly facts_hash: string }, decision: 'approve' | 'reject', comment?: string) =>
      await rig.engine.decideTask({ taskId: task.task_id, decision, factsHash: task.facts_hash, by: clerk, ...(comment === undefined ? {} : { comment }) });
    const photo = async (taskId: string, shade: number): Promise<string> => {
      const stored = await rig.engine.storePhoto({ bytes: jpeg([], Buffer.alloc(0), shade), mime: 'image/jpeg', by: clerk });
      assert.ok(stored.ok);
      assert.deepEqual(await rig.engine.attachPhoto({ subject: { kind: 'task', id: taskId }, sha256: stored.sha256, by: clerk }), { ok: true });
      return stored.sha256;
    };

    it('waits until they are attached and somebody says that it is done, and records the hash of each', async () => {
      await asking();
      const caseId = await rig.start({ sscc: '1' });
      const task = await rig.task(caseId);
      assert.deepEqual([task.kind, task.photos, task.role, task.question], ['evidence', 2, 'receiving-clerk', 'The corner and the label']);
      const first = await photo(task.task_id, 1);
      assert.equal(codeOf(await decide(task, 'approve')), 'photos-missing');
      assert.equal(await photo(task.task_id, 1), first, 'the same photo counts once');
      assert.equal(codeOf(await decide(task, 'approve')), 'photos-missing');
      const second = await photo(task.task_id, 2);
      assert.equal(codeOf(await decide(task, 'approve')), undefined);
      assert.equal((await rig.closed(caseId)).outcome, 'end');
      const [audit] = await rig.eventsOf(caseId, 'AuditRecorded');
      assert.deepEqual(audit?.data.attachments.map(({ name, sha256 }) => [name, sha256]), [['photo-1', first], ['photo-2', second]]);
    });

    it('goes on at the second output when somebody says why there are none', async () => {
      await asking();
      const caseId = await rig.start({ sscc: '1' });
      const task = await rig.task(caseId);
      assert.equal(codeOf(await decide(task, 'reject')), 'reason-missing');
      assert.equal(codeOf(await decide(task, 'reject', 'The truck has left already.')), undefined);
      assert.equal((await rig.closed(caseId)).outcome, 'none');
      assert.deepEqual((await rig.eventsOf(caseId, 'AuditRecorded'))[0]?.data.attachments, []);
    });

    it('lets who scanned the goods take them, and nobody without the role', async () => {
      await asking({ photos: 1 });
      const caseId = await rig.start({ sscc: '1' });
      const task = await rig.task(caseId);
      await photo(task.task_id, 3);
      const other = await rig.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: person('olaf', 'driver') });
      assert.equal(codeOf(other), 'role-missing');
      assert.equal(codeOf(await decide(task, 'approve')), undefined);
      await rig.closed(caseId);
    });
  });

  it('refuses a "what" that no ledger entry can hold, with an exception instead of trying for ever', async () => {
    await rig.load([opener(['audit']), step('audit', 'audit', { what: 'what', whatType: 'facts', wires: [['end']] }), end('end')]);
    const raised = await rig.exception(await rig.start({ what: 'x'.repeat(100_000) }));
    assert.equal(raised.code, 'step-failed');
  });
});
