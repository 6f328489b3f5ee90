import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { MailSender, readMailSettings } from '../../src/connectors/notify/mail.ts';
import type { Mail, MailSettings } from '../../src/connectors/notify/mail.ts';
import { layOut } from '../../src/connectors/notify/mail-layout.ts';
import { isMailAddress, oneLine } from '../../src/connectors/notify/plain.ts';
import { sendSlack, sendTeams, slackBody, teamsBody } from '../../src/connectors/notify/chat.ts';
import { sendWebhook } from '../../src/connectors/notify/webhook.ts';
import { freePort } from '../../scripts/lib/free-port.ts';
import { OtherSystem } from '../nodes/support/system.ts';
import { MailSink } from '../support/mail-sink.ts';

function settingsOf(url: string, from = 'Waybill <waybill@example.com>'): MailSettings {
  const settings = readMailSettings(url, from);
  assert.ok(!('problem' in settings), JSON.stringify(settings));
  return settings;
}

const mail = (change: Partial<Mail> = {}): Mail => ({
  to: { name: 'Sam Ortiz', address: 'sam@example.com' }, subject: 'Approval: Över-receipt', text: 'Hello\n', html: '<p>Hello</p>', messageId: 'task.1@waybill.example.com',
  listId: 'tasks.dc-1.waybill.example.com', listName: 'Waybill dc-1', date: new Date('2026-11-28T10:00:00Z'), language: 'en', ...change,
});

describe('mail', () => {
  let sink: MailSink;
  let sender: MailSender;
  beforeEach(async () => {
    sink = await MailSink.start();
    sender = new MailSender(settingsOf(sink.url), 2_000);
  });
  afterEach(async () => {
    sender.close();
    await sink.stop();
  });

  it('arrives in two parts, marked as automatic, in a thread and a list', async () => {
    assert.deepEqual(await sender.send(mail({ inReplyTo: 'first@waybill.example.com' })), { ok: true });
    const [got] = sink.mails;
    assert.deepEqual(got?.to, ['sam@example.com']);
    const header = (name: string): string | undefined => got?.headers.get(name)?.[0];
    assert.equal(header('subject'), 'Approval: Över-receipt');
    assert.equal(header('from'), 'Waybill <waybill@example.com>');
    assert.equal(header('to'), 'Sam Ortiz <sam@example.com>');
    assert.equal(header('message-id'), '<task.1@waybill.example.com>');
    assert.equal(header('in-reply-to'), '<first@waybill.example.com>');
    assert.equal(header('references'), '<first@waybill.example.com>');
    assert.equal(header('auto-submitted'), 'auto-generated');
    assert.equal(header('list-id'), '"Waybill dc-1" <tasks.dc-1.waybill.example.com>');
    assert.equal(header('content-language'), 'en');
    assert.equal(new Date(header('date') ?? '').toISOString(), '2026-11-28T10:00:00.000Z');
    assert.equal(got?.parts.get('text/plain')?.trim(), 'Hello');
    assert.equal(got?.parts.get('text/html')?.trim(), '<p>Hello</p>');
  });

  it('lets nobody write headers or add recipients', async () => {
    const evil = 'Hi\r\nBcc: thief@example.net\r\n\r\n<script>\u2028\u0000';
    assert.deepEqual(await sender.send(mail({ subject: evil, to: { name: evil, address: 'sam@example.com' }, listName: evil, listId: evil })), { ok: true });
    const [got] = sink.mails;
    assert.deepEqual(got?.to, ['sam@example.com']);
    assert.equal(got?.headers.has('bcc'), false);
    assert.equal(got?.headers.get('subject')?.[0], 'Hi Bcc: thief@example.net <script>');
    for (const address of ['sam@example.com\r\nRCPT TO:<thief@example.net>', 'sam@example.com,thief@example.net', '"a b"@example.com', '<sam@example.com>', 'sam', `${'a'.repeat(65)}@example.com`, 'sam@-x.com', '']) {
      const refused = await sender.send(mail({ to: { name: '', address } }));
      assert.deepEqual([refused.ok, !refused.ok && refused.kind, !refused.ok && refused.errorClass], [false, 'permanent', 'bad-address'], address);
    }
    assert.equal(sink.mails.length, 1);
  });

  it('tells what will never be taken from what may be taken later', async () => {
    sink.judge = (to) => (to.startsWith('gone') ? { code: 550, message: 'no such user' } : to.startsWith('full') ? { code: 452, message: 'mailbox full' } : undefined);
    const gone = await sender.send(mail({ to: { name: '', address: 'gone@example.com' } }));
    const full = await sender.send(mail({ to: { name: '', address: 'full@example.com' } }));
    assert.deepEqual([!gone.ok && gone.kind, !gone.ok && gone.recipient], ['permanent', true]);
    assert.deepEqual([!full.ok && full.kind, !full.ok && full.recipient], ['transient', true]);
    assert.deepEqual(await sender.send(mail()), { ok: true });
  });

  it('is put off while the server is away, and without its password in the reason', async () => {
    const port = await freePort();
    const away = new MailSender(settingsOf(`smtp://user:hush-hush@127.0.0.1:${port}`), 1_000);
    const result = await away.send(mail());
    away.close();
    assert.deepEqual([!result.ok && result.kind, !result.ok && result.recipient], ['transient', undefined]);
    assert.doesNotMatch(JSON.stringify(result), /hush/);
  });

  it('signs in, and says so when that is refused', async () => {
    const guarded = await MailSink.start({ login: { user: 'site@dc', password: 'p:w/%' } });
    const good = new MailSender(settingsOf(`smtp://${encodeURIComponent('site@dc')}:${encodeURIComponent('p:w/%')}@127.0.0.1:${guarded.port}`), 2_000);
    const bad = new MailSender(settingsOf(`smtp://site:wrong@127.0.0.1:${guarded.port}`), 2_000);
    try {
      assert.deepEqual(await good.send(mail()), { ok: true });
      const refused = await bad.send(mail());
      assert.deepEqual([!refused.ok && refused.kind, !refused.ok && refused.errorClass], ['settings', 'not-authorised']);
      assert.doesNotMatch(JSON.stringify(refused), /wrong/);
    } finally {
      good.close();
      bad.close();
      await guarded.stop();
    }
  });

  it('names mistakes of its settings without the password', () => {
    for (const [url, from] of [['http://mail.example.com', 'a@b.de'], ['mail.example.com', 'a@b.de'], ['smtp://u:hush@h', undefined], ['smtp://u:hush@h', 'nobody'], ['smtp://u:%E0%A4@h', 'a@b.de'], ['smtp://u:hush@h', 'A <a@b.de>, C <c@d.de>']] as const) {
      const read = readMailSettings(url, from);
      assert.ok('problem' in read, url);
      assert.match(read.problem, /^WAYBILL_MAIL_.*\.$/);
      assert.doesNotMatch(read.problem, /hush/);
    }
    assert.deepEqual(settingsOf('smtps://mail.example.com', 'a@b.de').port, 465);
  });

  it('escapes what others wrote, in both parts, and cuts what is endless', () => {
    const evil = '<img src=x onerror=alert(1)> & "quoted"';
    const { text, html } = layOut({
      language: 'de"><script>', heading: evil, lead: `${evil}\nsecond`, items: [{ title: evil, text: evil, facts: [{ name: evil, value: 'x'.repeat(100_000) }], link: { label: evil, url: 'https://w.example/?a="><b>' } }],
      more: evil, button: { label: evil, url: 'https://w.example/' }, footer: [evil, { label: evil, url: 'https://w.example/' }],
    });
    assert.doesNotMatch(html, /<img|<script|<b>|onerror=alert\(1\)>/);
    assert.match(html, /<html lang="en">/);
    assert.ok(html.length < 10_000 && text.length < 10_000);
    assert.ok(text.includes(evil), 'plain text stays as it was written');
  });

  it('knows addresses and lines', () => {
    for (const good of ['a@b.de', 'first.last+tag@sub.example.com', "o'neil@example.ie"]) assert.ok(isMailAddress(good), good);
    for (const bad of ['a b@c.de', 'a@b..de', '.a@b.de', 'a@b_c.de', 'ä@b.de', 'a@b.de ', `${'a'.repeat(60)}@${'b'.repeat(250)}.de`]) assert.ok(!isMailAddress(bad), bad);
    assert.equal(oneLine('a\u202eb\r\n c\ud800', 10), 'a b c\ufffd');
    assert.equal(oneLine('😀'.repeat(9), 5), '😀😀😀😀…');
  });
});

describe('hooks', () => {
  let system: OtherSystem;
  const now = Date.UTC(2026, 10, 28);
  beforeEach(async () => { system = await OtherSystem.start(); });
  afterEach(() => system.stop());

  it('sign what they send with its time, and carry the key of the message', async () => {
    assert.deepEqual(await sendWebhook({ url: `${system.url}/hook`, secret: 'shared' }, { kind: 'task', title: 'Über' }, 'key-1', now), { ok: true });
    const [asked] = system.asked;
    const timestamp = asked?.headers['waybill-timestamp'];
    assert.equal(timestamp, String(now / 1_000));
    const body = JSON.stringify({ kind: 'task', title: 'Über' });
    assert.equal(asked?.headers['waybill-signature'], `v1=${createHmac('sha256', 'shared').update(`${timestamp}.${body}`).digest('hex')}`);
    assert.equal(asked?.headers['idempotency-key'], 'key-1');
  });

  it('follow no redirect, tell transient from permanent, and keep the address to themselves', async () => {
    const answers = [
      [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'settings', 'http-302', undefined], [{ status: 429, headers: { 'retry-after': '7' } }, 'transient', 'http-429', 7_000],
      [{ status: 503 }, 'transient', 'http-503', undefined], [{ status: 410 }, 'settings', 'http-410', undefined], [{ status: 422 }, 'permanent', 'http-422', undefined], ['hang-up', 'transient', 'econnreset', undefined],
    ] as const;
    for (const [answer, kind, errorClass, retryAfterMs] of answers) {
      system.answer = () => answer;
      const result = await sendWebhook({ url: `${system.url}/secret-path`, secret: undefined }, {}, 'k', now);
      assert.ok(!result.ok);
      assert.deepEqual([result.kind, result.errorClass, result.retryAfterMs], [kind, errorClass, retryAfterMs]);
      assert.doesNotMatch(JSON.stringify(result), /secret-path|127\.0\.0\.1/);
    }
    const before = system.asked.length;
    for (const url of ['ftp://x/secret-path', 'secret-path', 'https://u:p@x/secret-path', 'https://[/secret-path']) {
      const result = await sendWebhook({ url, secret: undefined }, {}, 'k', now);
      assert.ok(!result.ok && result.kind === 'settings');
      assert.doesNotMatch(JSON.stringify(result), /secret-path/);
    }
    assert.equal(system.asked.length, before);
  });

  it('say it to Teams and Slack with a link, without letting texts become mentions or links', async () => {
    const message = { title: 'Approval <!channel>', text: '*bold* [click](https://evil.example) <@U1> & more', facts: [{ name: 'Due', value: '<b>' }], link: { label: 'Open', url: 'https://waybill.example.com/waybill/tasks/1' } };
    assert.deepEqual(await sendTeams(system.url, message, now), { ok: true });
    assert.deepEqual(await sendSlack(system.url, message, now), { ok: true });
    const teams = JSON.stringify(teamsBody(message));
    assert.deepEqual(system.asked.map(({ body }) => body), [JSON.parse(teams), JSON.parse(JSON.stringify(slackBody(message)))]);
    assert.match(teams, /Action\.OpenUrl/);
    assert.doesNotMatch(teams, /\[click\]\(/);
    const slack = JSON.stringify(slackBody(message));
    assert.match(slack, /&lt;@U1&gt; &amp; more/);
    assert.match(slack, /"url":"https:\/\/waybill.example.com\/waybill\/tasks\/1"/);
  });

  it('stay below what Teams and Slack take', () => {
    const endless = { title: 'x'.repeat(9_999), text: '#'.repeat(99_999), facts: Array.from({ length: 99 }, () => ({ name: 'n'.repeat(999), value: '*'.repeat(9_999) })), link: { label: 'l'.repeat(999), url: 'https://w.example/' } };
    assert.ok(Buffer.byteLength(JSON.stringify(teamsBody(endless))) < 28_000);
    for (const { text } of (slackBody(endless) as { blocks: { text?: { text: string } }[] }).blocks) assert.ok((text?.text.length ?? 0) <= 3_000);
  });
});
