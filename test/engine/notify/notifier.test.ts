import assert from 'node:assert/strict';
import { freePort } from '../../../scripts/lib/free-port.ts';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';
import type { NotificationSettings } from '../../../src/engine/notify/settings.ts';
import { end, eventually, knownOperator, opener, person, Rig, step, withNodeRed } from '../../nodes/support/rig.ts';
import type { RigOptions } from '../../nodes/support/rig.ts';
import { OtherSystem } from '../../nodes/support/system.ts';
import { MailSink } from '../../support/mail-sink.ts';

const flow = [
  opener(['ask'], { title: 'payload.title', titleType: 'msg' }),
  step('approval', 'ask', { question: 'May the pallets go on?', questionType: 'str', role: 'supervisor', covers: 'quantity', deadline: 4, wires: [['yes'], ['no'], ['no'], ['no']] }),
  end('yes'), end('no'),
];
const pace = { gatherMs: 20, mailEveryMs: 300, chatEveryMs: 300 };
const publicUrl = 'https://intra.example.com/warehouse';

async function member(rig: Rig, name: string, role: string, more: { readonly email?: string | null; readonly sites?: readonly string[]; readonly disabled?: boolean } = {}): Promise<void> {
  const email = more.email === null ? undefined : more.email ?? `${name}@example.com`;
  await rig.engine.accounts?.createUser({
    id: `user-${name}`, name, displayName: name[0]?.toUpperCase() + name.slice(1), roles: [role], sites: more.sites ?? ['*'], passwordHash: 'none', disabled: more.disabled ?? false, createdAt: new Date().toISOString(),
    ...(email === undefined ? {} : { email }),
  });
}

type Told = Extract<RecordedEvent, { type: 'TaskNotified' }>;

describe('people are told', function () {
  this.timeout(90_000);
  withNodeRed();
  let sink: MailSink;
  let rig: Rig;
  const open = async (more: NotificationSettings = {}, options: RigOptions = {}): Promise<Rig> => {
    rig = await Rig.open({}, { publicUrl, noticePace: pace, notifications: { mailUrl: sink.url, mailFrom: 'Waybill <waybill@example.com>', ...more }, ...options });
    if (options.home === undefined) await knownOperator(rig, 'olga');
    await rig.load(flow);
    return rig;
  };
  const told = (caseId: string, count = 1): Promise<readonly Told[]> => eventually(async () => {
    const events = await rig.eventsOf(caseId, 'TaskNotified');
    return events.length >= count ? events : undefined;
  });
  beforeEach(async () => { sink = await MailSink.start(); });
  afterEach(async () => {
    await rig.close();
    await sink.stop();
  });

  it('of a task: those who hold the role at the site and have not touched the case, by mail, with a link that only opens a page', async () => {
    await open();
    await rig.engine.accounts?.updateUser('user-olga', { roles: ['supervisor'] });
    await member(rig, 'susan', 'supervisor');
    await member(rig, 'tom', 'supervisor', { sites: ['dc-1'] });
    await member(rig, 'elsewhere', 'supervisor', { sites: ['dc-2'] });
    await member(rig, 'left', 'supervisor', { disabled: true });
    await member(rig, 'clerk', 'clerk');
    await member(rig, 'nomail', 'supervisor', { email: null });
    const caseId = await rig.start({ title: 'Over-receipt of PO 4711', quantity: 12 }, 'olga');
    const [event] = await told(caseId);
    assert.deepEqual(sink.mails.flatMap(({ to }) => to).sort(), ['susan@example.com', 'tom@example.com']);
    assert.deepEqual(event?.data.recipients, ['user-susan', 'user-tom'].map((id) => rig.engine.pseudonym(id)).sort());
    const task = await rig.task(caseId);
    assert.deepEqual([event?.data.taskId, event?.data.channel, event?.data.purpose, event?.data.ok], [task.task_id, 'mail', 'created', true]);
    const created = (await rig.eventsOf(caseId, 'TaskCreated'))[0];
    assert.equal(event?.data.cause, created?.position);
    const [mail] = sink.to('susan@example.com');
    assert.equal(mail?.headers.get('subject')?.[0], '[dc-1] Please decide: Over-receipt of PO 4711');
    const link = `${publicUrl}/waybill/tasks/${task.task_id}`;
    assert.ok(mail?.parts.get('text/plain')?.includes(link));
    assert.ok(mail?.parts.get('text/html')?.includes(`href="${link}"`));
    assert.match(mail?.parts.get('text/plain') ?? '', /May the pallets go on\?[^]*quantity: 12/);
    assert.doesNotMatch(JSON.stringify(event), /example\.com|susan/);
  });

  it('once a minute at most: 500 tasks at once are a few mails, and each task says who was told', async () => {
    await open();
    await member(rig, 'susan', 'supervisor');
    for (let i = 0; i < 500; i++) rig.send({ payload: { title: `Pallet ${i}`, quantity: i }, operator: 'olga' });
    await eventually(async () => {
      const { items } = await rig.engine.ledger.listTasks({ status: 'open' }, { limit: 500 });
      if (items.length < 500) return undefined;
      const states = await Promise.all(items.map(({ case_id: caseId }) => rig.eventsOf(caseId, 'TaskNotified')));
      return states.every((events) => events.length === 1) ? true : undefined;
    });
    assert.ok(sink.mails.length <= 12, `${sink.mails.length} mails`);
    const largest = sink.mails.map((mail) => Number(/(\d+) things wait/.exec(mail.headers.get('subject')?.[0] ?? '')?.[1] ?? 1)).sort((a, b) => b - a)[0] ?? 0;
    assert.ok(largest > 20);
    assert.equal(sink.mails.reduce((sum, mail) => sum + Number(/(\d+) things wait/.exec(mail.headers.get('subject')?.[0] ?? '')?.[1] ?? 1), 0), 500);
  });

  it('when nobody can be told, the ledger says so', async () => {
    await open();
    await member(rig, 'clerk', 'clerk');
    const caseId = await rig.start({ title: 'x', quantity: 1 }, 'olga');
    const [event] = await told(caseId);
    assert.deepEqual([event?.data.ok, event?.data.reason, event?.data.recipients], [false, 'no-recipient', undefined]);
    assert.equal(sink.mails.length, 0);
  });

  it('a mail server that is away stops nothing; what waited arrives once it is back', async () => {
    const port = await freePort();
    await open({ mailUrl: `smtp://user:hush-hush@127.0.0.1:${port}` });
    await member(rig, 'susan', 'supervisor');
    const first = await rig.start({ title: 'First', quantity: 1 }, 'olga');
    await eventually(() => (rig.engine.notifications?.states().some(({ problem }) => problem !== undefined) === true ? true : undefined));
    const [state] = rig.engine.notifications?.states() ?? [];
    assert.deepEqual([state?.channel, state?.waiting], ['mail', 1]);
    assert.doesNotMatch(JSON.stringify([state, rig.engine.vitals().systems]), /hush/);
    assert.ok(rig.engine.vitals().systems.some(({ system, state: how }) => system === 'mail' && how === 'failing'));
    // The case goes on meanwhile, and a decided task is not mailed any more.
    const task = await rig.task(first);
    const decided = await rig.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: person('uma', 'supervisor') });
    assert.ok(decided.ok, JSON.stringify(decided));
    const back = await MailSink.start({ port, login: { user: 'user', password: 'hush-hush' } });
    try {
      await eventually(() => (rig.engine.notifications?.waiting === 0 ? true : undefined));
      assert.deepEqual([back.mails.length, (await rig.eventsOf(first, 'TaskNotified')).length], [0, 0]);
    } finally {
      await back.stop();
    }
  });

  it('a refused address is recorded as failed, and the others get their mail', async () => {
    sink.judge = (to) => (to.startsWith('gone') ? { code: 550, message: 'no such user' } : undefined);
    await open();
    await member(rig, 'gone', 'supervisor');
    await member(rig, 'susan', 'supervisor');
    const caseId = await rig.start({ title: 'x', quantity: 1 }, 'olga');
    const events = await told(caseId, 2);
    assert.deepEqual(events.map(({ data }) => [data.ok, data.reason, data.recipients]).sort(), [
      [false, 'smtp-550', [rig.engine.pseudonym('user-gone')]], [true, undefined, [rig.engine.pseudonym('user-susan')]],
    ]);
  });

  it('as they want it: not at all, in German, rarely', async () => {
    await open();
    for (const name of ['susan', 'tom']) await member(rig, name, 'supervisor');
    rig.engine.notifications?.setPreference('user-susan', { mail: false, everyMinutes: 1, language: 'en' });
    rig.engine.notifications?.setPreference('user-tom', { mail: true, everyMinutes: 1, language: 'de' });
    const caseId = await rig.start({ title: 'Überlieferung', quantity: 1 }, 'olga');
    const [event] = await told(caseId);
    assert.deepEqual(event?.data.recipients, [rig.engine.pseudonym('user-tom')]);
    assert.deepEqual(sink.mails.map(({ to }) => to), [['tom@example.com']]);
    assert.equal(sink.mails[0]?.headers.get('subject')?.[0], '[dc-1] Bitte entscheiden: Überlieferung');
    assert.match(sink.mails[0]?.parts.get('text/html') ?? '', /<html lang="de">/);
  });

  it('by webhook, Teams and Slack as well, each on its own', async () => {
    const hook = await OtherSystem.start();
    const chat = await OtherSystem.start();
    chat.answer = ({ path }) => ({ status: path === '/teams' ? 200 : 500 });
    await open({ mailUrl: undefined, webhookUrl: `${hook.url}/in`, webhookSecret: 's', teamsUrl: `${chat.url}/teams`, slackUrl: `${chat.url}/slack` });
    try {
      const caseId = await rig.start({ title: '<b>Hello</b>', quantity: 1 }, 'olga');
      const events = await told(caseId, 2);
      assert.deepEqual(events.map(({ data }) => [data.channel, data.ok, data.recipients]).sort(), [['teams', true, undefined], ['webhook', true, undefined]]);
      const task = await rig.task(caseId);
      const body = hook.asked[0]?.body as { readonly taskId: string; readonly url: string; readonly title: string };
      assert.deepEqual([body.taskId, body.url, body.title], [task.task_id, `${publicUrl}/waybill/tasks/${task.task_id}`, '<b>Hello</b>']);
      assert.match(String(hook.asked[0]?.headers['waybill-signature']), /^v1=[0-9a-f]{64}$/);
      assert.ok(rig.engine.notifications?.states().some(({ channel, waiting }) => channel === 'slack' && waiting === 1));
    } finally {
      await hook.stop();
      await chat.stop();
    }
  });

  it('nothing is lost and nothing is told twice by a restart, whether it was told before or not', async () => {
    const port = await freePort();
    const mailUrl = `smtp://127.0.0.1:${port}`;
    await open({ mailUrl });
    await member(rig, 'susan', 'supervisor');
    const waiting = await rig.start({ title: 'Waits', quantity: 1 }, 'olga');
    await rig.task(waiting);
    await rig.close(true);
    const { home } = rig;
    const late = await MailSink.start({ port });
    try {
      await open({ mailUrl }, { home });
      await told(waiting);
      assert.equal(late.mails.length, 1);
      await rig.close(true);
      await open({ mailUrl }, { home });
      const next = await rig.start({ title: 'Next', quantity: 2 }, 'olga');
      await told(next);
      assert.deepEqual(late.mails.map((mail) => mail.headers.get('subject')?.[0]), ['[dc-1] Please decide: Waits', '[dc-1] Please decide: Next']);
    } finally {
      await late.stop();
    }
  });
});
