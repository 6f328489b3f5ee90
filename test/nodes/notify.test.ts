import assert from 'node:assert/strict';
import { freePort } from '../../scripts/lib/free-port.ts';
import { MailSink } from '../support/mail-sink.ts';
import { end, eventually, opener, Rig, step, withNodeRed } from './support/rig.ts';
import type { FlowNode } from './support/rig.ts';
import { OtherSystem } from './support/system.ts';

const message = { subject: '"Delivery " & $facts.delivery', subjectType: 'jsonata', text: 'Count <b>again</b>.', textType: 'str' };
const flowOf = (config: Readonly<Record<string, unknown>>, second: readonly string[] = ['gave-up']): readonly FlowNode[] => [
  opener(['tell']), step('notify', 'tell', { ...message, wires: [['told'], second], ...config }), end('told'), end('gave-up'),
];

describe('notify', function () {
  this.timeout(90_000);
  withNodeRed();
  let sink: MailSink;
  let rig: Rig;
  const open = async (flow: readonly FlowNode[], credentials: object = {}, mailUrl: string | undefined = sink.url): Promise<void> => {
    rig = await Rig.open({}, { publicUrl: 'https://waybill.example.com', notifications: { mailUrl, mailFrom: 'waybill@example.com', purposes: 'exception' } });
    for (const [name, role] of [['lena', 'shift-lead'], ['mark', 'shift-lead'], ['nora', 'clerk']] as const) {
      await rig.engine.accounts?.createUser({ id: `user-${name}`, name, displayName: name, roles: [role], sites: ['*'], email: `${name}@example.com`, passwordHash: 'none', disabled: false, createdAt: new Date().toISOString() });
    }
    await rig.load(flow, credentials);
  };
  beforeEach(async () => { sink = await MailSink.start(); });
  afterEach(async () => {
    await rig.close();
    await sink.stop();
  });

  it('mails everybody who holds the role, with a link to the case, and sends the case on', async () => {
    await open(flowOf({ role: 'shift-lead' }));
    const caseId = await rig.start({ delivery: '4711' });
    assert.equal((await rig.closed(caseId)).outcome, 'told');
    assert.deepEqual(sink.mails.flatMap(({ to }) => to).sort(), ['lena@example.com', 'mark@example.com']);
    const [mail] = sink.to('lena@example.com');
    assert.equal(mail?.headers.get('subject')?.[0], 'Delivery 4711');
    assert.ok(mail?.parts.get('text/html')?.includes(`href="https://waybill.example.com/waybill/cases/${caseId}"`));
    assert.doesNotMatch(mail?.parts.get('text/html') ?? '', /<b>/);
    const ended = await rig.eventsOf(caseId, 'CallEnded');
    assert.deepEqual(ended.map(({ data, content }) => [data.outcome, content?.response]), [['success', { sent: 2, of: 2 }]]);
    assert.doesNotMatch(JSON.stringify((await rig.eventsOf(caseId, 'EffectIntended'))[0]), /example\.com/);
  });

  it('mails one person by the account, or addresses, and nobody twice', async () => {
    await open([
      opener(['tell']), step('notify', 'tell', { ...message, to: 'person', person: 'buyer', personType: 'facts', wires: [['then'], ['gave-up']] }),
      step('notify', 'then', { ...message, to: 'address', address: 'a@example.com, b@example.com', addressType: 'str', link: false, wires: [['told'], ['gave-up']] }), end('told'), end('gave-up'),
    ]);
    const caseId = await rig.start({ delivery: '1', buyer: 'Nora' });
    assert.equal((await rig.closed(caseId)).outcome, 'told');
    assert.deepEqual(sink.mails.flatMap(({ to }) => to), ['nora@example.com', 'a@example.com', 'b@example.com']);
    const [first] = await rig.eventsOf(caseId, 'EffectIntended');
    assert.equal(first?.content?.request['person'], rig.engine.pseudonym('user-nora'));
    assert.doesNotMatch(sink.to('a@example.com')[0]?.parts.get('text/plain') ?? '', /waybill\/cases/);
  });

  it('posts to Teams, Slack and a webhook; their addresses stand nowhere in the ledger', async () => {
    const system = await OtherSystem.start();
    try {
      await open(flowOf({ mail: false, teams: true, slack: true, webhook: true }), { tell: { teamsUrl: `${system.url}/teams-secret`, slackUrl: `${system.url}/slack-secret`, webhookUrl: `${system.url}/hook-secret`, webhookSecret: 'shared' } });
      const caseId = await rig.start({ delivery: '4711' });
      assert.equal((await rig.closed(caseId)).outcome, 'told');
      assert.deepEqual(system.asked.map(({ path }) => path), ['/teams-secret', '/slack-secret', '/hook-secret']);
      const events = await rig.events(caseId);
      const keys = (await rig.eventsOf(caseId, 'EffectIntended')).map(({ data }) => data.idempotencyKey);
      assert.equal(new Set(keys).size, 3);
      assert.equal(system.asked[2]?.headers['idempotency-key'], keys[2]);
      assert.match(String(system.asked[2]?.headers['waybill-signature']), /^v1=/);
      assert.doesNotMatch(JSON.stringify(events), /-secret|shared/);
    } finally {
      await system.stop();
    }
  });

  it('tries again under the same key, and not what was taken already', async () => {
    const system = await OtherSystem.start();
    system.answer = (_asked, nth) => (nth === 1 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
    try {
      await open(flowOf({ role: 'shift-lead', webhook: true }), { tell: { webhookUrl: system.url } });
      const caseId = await rig.start({ delivery: '4711' });
      assert.equal((await rig.closed(caseId)).outcome, 'told');
      assert.equal(sink.mails.length, 2);
      assert.equal(system.asked.length, 2);
      assert.equal(system.asked[0]?.headers['idempotency-key'], system.asked[1]?.headers['idempotency-key']);
    } finally {
      await system.stop();
    }
  });

  it('leaves by the second output what nobody can be told, and says which channel', async () => {
    await open(flowOf({ role: 'nobody-holds-it' }));
    const caseId = await rig.start({ delivery: '4711' });
    assert.equal((await rig.closed(caseId)).outcome, 'gave-up');
    assert.deepEqual((await rig.eventsOf(caseId, 'CallEnded')).map(({ data }) => [data.outcome, data.errorClass]), [['permanent', 'no-recipient']]);
  });

  it('holds the case when the second output leads nowhere: an exception for a refusal, tried anew once mended', async () => {
    await open(flowOf({ role: 'new-role' }, []));
    const caseId = await rig.start({ delivery: '4711' });
    const exception = await rig.exception(caseId);
    assert.match(exception.message, /Nobody with a mail address holds the role "new-role"/);
    await rig.engine.accounts?.updateUser('user-lena', { roles: ['new-role'] });
    await new Promise((resolve) => { setTimeout(resolve, 2_100); });
    await rig.resolve(exception.exception_id, 'retry');
    assert.equal((await rig.closed(caseId)).outcome, 'told');
    assert.deepEqual(sink.mails.flatMap(({ to }) => to), ['lena@example.com']);
  });

  it('a wrong setting is a dead letter that is replayed once it is mended', async () => {
    const system = await OtherSystem.start();
    system.answer = () => ({ status: 410 });
    try {
      await open(flowOf({ mail: false, webhook: true }, []), { tell: { webhookUrl: system.url } });
      const caseId = await rig.start({ delivery: '4711' });
      const dead = await eventually(async () => (await rig.engine.ledger.listDeadLetters({ status: 'open', caseId }, { limit: 1 })).items[0]);
      assert.deepEqual([dead.system, dead.reason, system.asked.length], ['webhook', 'http-410', 1]);
      system.answer = () => ({ status: 204 });
      const replayed = await rig.engine.replayDeadLetter({ deadLetterId: dead.dead_letter_id, by: { userId: 'user-nora', name: 'nora', roles: ['clerk'], sites: ['*'], authMethod: 'password', channel: 'inbox' } });
      assert.deepEqual(replayed, { ok: true });
      assert.equal((await rig.closed(caseId)).outcome, 'told');
    } finally {
      await system.stop();
    }
  });

  it('goes on after a redeploy while the mail server is away', async () => {
    const port = await freePort();
    await open(flowOf({ role: 'shift-lead' }), {}, `smtp://127.0.0.1:${port}`);
    const caseId = await rig.start({ delivery: '4711' });
    await eventually(async () => ((await rig.eventsOf(caseId, 'RetryScheduled')).length > 0 ? true : undefined));
    const back = await MailSink.start({ port });
    try {
      await rig.load(flowOf({ role: 'shift-lead' }));
      assert.equal((await rig.closed(caseId)).outcome, 'told');
      assert.deepEqual(back.mails.flatMap(({ to }) => to).sort(), ['lena@example.com', 'mark@example.com']);
    } finally {
      await back.stop();
    }
  });

  it('says on the node what is wrong with its form', async () => {
    await open([step('notify', 'silent', { ...message, mail: false }), step('notify', 'roleless', { ...message }), step('notify', 'bad-hook', { ...message, mail: false, teams: true })], { 'bad-hook': { teamsUrl: 'teams-secret' } });
    const said = ['silent', 'roleless', 'bad-hook'].map((id) => String(rig.shown(id).at(-1)?.text));
    assert.match(said[0] ?? '', /tells nobody/);
    assert.match(said[1] ?? '', /role/);
    assert.match(said[2] ?? '', /Teams is no web address/);
    assert.doesNotMatch(said.join(), /teams-secret/);
  });
});
