import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import { freePort } from '../../scripts/lib/free-port.ts';
import { launchChromium } from '../../scripts/screenshots/browser.ts';
import { absenceToken } from '../../src/engine/notify/absence-token.ts';
import { loadMailLinkKey } from '../../src/engine/support/key-file.ts';
import { createOneTimeLink } from '../../src/web/server/accounts/one-time-link.ts';
import { createWebRouter } from '../../src/web/server/index.ts';
import { end, eventually, knownOperator, opener, Rig, step, withNodeRed } from '../nodes/support/rig.ts';
import { MailSink } from '../support/mail-sink.ts';
import type { ReceivedMail } from '../support/mail-sink.ts';
import { needs } from '../support/system-programs.ts';
import { addPerson } from './support/server.ts';

const results = join(import.meta.dirname, '../../test-results/notifications');
const flow = [
  opener(['ask'], { title: 'payload.title', titleType: 'msg' }),
  step('approval', 'ask', { question: 'May the pallets go on?', questionType: 'str', role: 'supervisor', covers: 'supplier, quantity, ordered', deadline: 4, wires: [['yes'], ['no'], ['no'], ['no']] }),
  end('yes'), end('no'),
];

/** Addresses of all links of a mail, of both of its parts. */
function linksOf(mail: ReceivedMail): readonly string[] {
  const html = [...(mail.parts.get('text/html') ?? '').matchAll(/href="([^"]+)"/g)].map(([, url = '']) => url.replaceAll('&#38;', '&'));
  const text = (mail.parts.get('text/plain') ?? '').match(/https?:\/\/\S+/g) ?? [];
  return [...new Set([...html, ...text])];
}

describe('mails and the pages that they lead to', function () {
  this.timeout(60_000);
  withNodeRed();
  let sink: MailSink;
  let rig: Rig;
  let server: Server;
  let base: string;
  let people: Readonly<Record<'susan' | 'tom' | 'clerk', { readonly userId: string; readonly headers: { readonly authorization: string } }>>;
  const api = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${base}/waybill/api/v1${path}`, init);

  beforeEach(async () => {
    sink = await MailSink.start();
    const port = await freePort();
    // Behind a proxy with a path of its own.
    base = `http://127.0.0.1:${port}/warehouse`;
    rig = await Rig.open({}, { publicUrl: `${base}/`, noticePace: { gatherMs: 20, mailEveryMs: 50 }, notifications: { mailUrl: sink.url, mailFrom: 'Waybill <waybill@example.com>' } });
    const accounts = rig.engine.accounts;
    assert.ok(accounts);
    await knownOperator(rig, 'olga');
    people = { susan: await addPerson(accounts, 'susan', ['supervisor', 'quality-lead']), tom: await addPerson(accounts, 'tom', ['supervisor']), clerk: await addPerson(accounts, 'clerk', ['clerk']) };
    for (const [name, { userId }] of Object.entries(people)) await accounts.updateUser(userId, { email: `${name}@example.com` });
    await rig.load(flow);
    const app = express();
    app.use('/warehouse/waybill', createWebRouter({ waybill: () => rig.engine }));
    server = createServer(app);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await rig.close();
    await sink.stop();
  });

  async function mailed(title = 'Over-receipt of PO 4711'): Promise<{ readonly caseId: string; readonly mail: ReceivedMail }> {
    const caseId = await rig.start({ title, supplier: 'Meyer & Söhne', quantity: 12, ordered: 10 }, 'olga');
    // Susan and Tom may be told in one go or one after the other; nothing more is written once both are.
    await eventually(async () => ((await rig.eventsOf(caseId, 'TaskNotified')).flatMap(({ data }) => data.recipients ?? []).length >= 2 ? true : undefined));
    const mail = sink.to('susan@example.com').at(-1);
    assert.ok(mail);
    return { caseId, mail };
  }

  it('opening, previewing or asking for every link of a mail leaves the ledger as it was', async () => {
    const { caseId, mail } = await mailed();
    const links = linksOf(mail);
    assert.ok(links.some((url) => url.includes('/waybill/tasks/')) && links.some((url) => url.includes('/waybill/absence/')) && links.length >= 3, links.join(' '));
    for (const url of links) assert.ok(url.startsWith(`${base}/waybill/`), url);
    const before = rig.engine.ledger.health().lastPosition;
    for (const url of links) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET']) {
        const answer = await fetch(url, { method, redirect: 'follow' });
        await answer.arrayBuffer();
        assert.ok(answer.status < 500, `${method} ${url}: ${answer.status}`);
      }
    }
    assert.equal(rig.engine.ledger.health().lastPosition, before);
    assert.equal((await rig.task(caseId)).status, 'open');
    assert.equal((await rig.engine.delegations.list({ over: true }, { limit: 10 })).items.length, 0);
  });

  it('holds nothing that others wrote as HTML, and looks as it should', async function () {
    const { mail } = await mailed('<script>alert(1)</script><img src=http://tracker.example/x.png> PO 4711');
    const html = mail.parts.get('text/html') ?? '';
    assert.doesNotMatch(html, /<script|<img|<[^>]*\ssrc=/i);
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'task.eml'), mail.raw, 'latin1');
    writeFileSync(join(results, 'task.txt'), mail.parts.get('text/plain') ?? '');
    const browser = await launchChromium(needs(this, 'chromium'));
    try {
      const page = await browser.newPage({ viewport: { width: 760, height: 900 } });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.setContent(html);
      assert.equal(await page.locator('h1').innerText(), 'Please decide');
      assert.equal(await page.locator('a').first().isVisible(), true);
      await page.screenshot({ path: join(results, 'task.png'), fullPage: true });
      assert.deepEqual(asked.filter((url) => url.startsWith('http')), [], 'a mail asks nobody for anything');
      // The page behind the foot of the mail, as a phone shows it.
      await page.setViewportSize({ width: 360, height: 640 });
      await page.goto(linksOf(mail).find((url) => url.includes('/absence/')) ?? '');
      assert.equal(await page.getByRole('button', { name: 'Set my absence' }).isVisible(), true);
      await page.screenshot({ path: join(results, 'absence.png') });
      await page.getByRole('button', { name: 'Set my absence' }).click();
      await page.getByRole('heading', { name: 'Your absence is set' }).waitFor();
    } finally {
      await browser.close();
    }
  });

  describe('I am away', () => {
    const post = (url: string, body: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      fetch(url, { method: 'POST', headers, body: new URLSearchParams(body), redirect: 'manual' });

    it('lets exactly this person be away: a colleague of the same role acts, is told, and a mail confirms it', async () => {
      const { mail } = await mailed();
      const url = linksOf(mail).find((each) => each.includes('/absence/')) ?? '';
      const page = await (await fetch(url)).text();
      assert.match(page, /SUSAN/);
      assert.match(page, new RegExp(`<option value="${people.tom.userId}">TOM`));
      assert.doesNotMatch(page, /CLERK|OLGA/i);
      const set = await post(url, { to: people.tom.userId, days: '7' });
      assert.equal(set.status, 200);
      const { items } = await rig.engine.delegations.list({ over: false }, { limit: 10 });
      assert.equal(items.length, 1);
      assert.deepEqual([items[0]?.from_person, items[0]?.to_person, items[0]?.roles], [rig.engine.pseudonym(people.susan.userId), rig.engine.pseudonym(people.tom.userId), '["supervisor"]']);
      const [granted] = (await rig.engine.ledger.readStream(`delegation:${items[0]?.delegation_id}`)).flatMap((event) => (event.type === 'DelegationGranted' ? [event.data] : []));
      assert.equal(granted?.authMethod, 'mail-link');
      const confirmation = await eventually(() => sink.to('susan@example.com').find((each) => /absence is set/.test(each.headers.get('subject')?.[0] ?? '')));
      assert.match(confirmation.parts.get('text/plain') ?? '', /TOM/);
      // The same again is the same; another choice is for who signs in.
      assert.equal((await post(url, { to: people.tom.userId, days: '7' })).status, 200);
      await rig.engine.accounts?.updateUser(people.clerk.userId, { roles: ['clerk', 'supervisor'] });
      await new Promise((resolve) => { setTimeout(resolve, 2_100); });
      assert.equal((await post(url, { to: people.clerk.userId, days: '7' })).status, 409);
      assert.equal((await rig.engine.delegations.list({ over: true }, { limit: 10 })).items.length, 1);
    });

    it('refuses whom and what it is not for', async () => {
      const key = loadMailLinkKey(rig.home);
      const hour = 3_600_000;
      const url = (token: string): string => `${base}/waybill/absence/${token}`;
      const good = absenceToken(key, people.susan.userId, Date.now() + hour);
      const body = { to: people.tom.userId, days: '3' };
      const expired = absenceToken(key, people.susan.userId, Date.now() - 1_000);
      const forged = absenceToken(new Uint8Array(32), people.susan.userId, Date.now() + hour);
      const [payload = '', signature = ''] = good.split('.');
      const other = Buffer.from(JSON.stringify({ u: people.clerk.userId, x: 9_999_999_999 })).toString('base64url');
      for (const token of [expired, forged, `${other}.${signature}`, payload, `${good}.${signature}`, '__proto__', 'a.b', absenceToken(key, 'nobody', Date.now() + hour), 'x'.repeat(5_000)]) {
        assert.ok([410, 414, 404].includes((await post(url(token), body)).status), token.slice(0, 40));
        assert.ok([410, 414, 404].includes((await fetch(url(token))).status), token.slice(0, 40));
      }
      for (const [wrong, status] of [[{ ...body, to: people.clerk.userId }, 403], [{ ...body, to: people.susan.userId }, 403], [{ ...body, to: '' }, 403], [{ ...body, days: '31' }, 422], [{ ...body, days: '0' }, 422], [{ ...body, days: '-3' }, 422], [{ ...body, days: '1e3' }, 422]] as const) {
        assert.equal((await post(url(good), wrong)).status, status, JSON.stringify(wrong));
      }
      assert.equal((await post(url(good), body, { 'sec-fetch-site': 'cross-site' })).status, 403);
      assert.equal((await post(url(good), body, { origin: 'https://evil.example' })).status, 403);
      // It is nothing else: no sign-in, no API token, no decision.
      const { caseId } = await mailed();
      const task = await rig.task(caseId);
      const decision = { method: 'POST', headers: { authorization: `Bearer ${good}`, 'content-type': 'application/json' }, body: JSON.stringify({ decision: 'approve', factsHash: task.facts_hash }) };
      assert.equal((await api(`/tasks/${task.task_id}/decision`, decision)).status, 401);
      assert.equal((await api(`/tasks/${task.task_id}/decision?token=${good}`, { ...decision, headers: { 'content-type': 'application/json' } })).status, 401);
      assert.equal((await fetch(`${base}/waybill/sign-in/${good}`, { method: 'POST', redirect: 'manual' })).status, 410);
      assert.equal((await rig.engine.delegations.list({ over: true }, { limit: 10 })).items.length, 0);
    });
  });

  it('a sign-in by link goes on to the task that was wanted, and never to another server', async () => {
    const accounts = rig.engine.accounts;
    assert.ok(accounts);
    for (const [to, where] of [['/tasks/01a2', '/warehouse/waybill/tasks/01a2'], ['//evil.example/', '/warehouse/waybill/'], ['https://evil.example/', '/warehouse/waybill/']] as const) {
      const { secret } = await createOneTimeLink(accounts, people.susan.userId);
      const answer = await fetch(`${base}/waybill/sign-in/${secret}?to=${encodeURIComponent(to)}`, { method: 'POST', redirect: 'manual' });
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, where]);
    }
  });

  it('people say themselves how they are told', async () => {
    const { headers } = people.susan;
    const json = { ...headers, 'content-type': 'application/json' };
    assert.deepEqual(await (await api('/me/notifications', { headers })).json(), { mail: true, everyMinutes: 1, language: 'en', address: 'susan@example.com', available: true });
    const put = await api('/me/notifications', { method: 'PUT', headers: json, body: JSON.stringify({ mail: false, everyMinutes: 60, language: 'de' }) });
    assert.deepEqual(await put.json(), { mail: false, everyMinutes: 60, language: 'de', address: 'susan@example.com', available: true });
    for (const wrong of [{ mail: 'no', everyMinutes: 1, language: 'de' }, { mail: true, everyMinutes: 0, language: 'de' }, { mail: true, everyMinutes: 1, language: 'fr' }, { mail: true, everyMinutes: 1.5, language: 'de' }, {}]) {
      assert.equal((await api('/me/notifications', { method: 'PUT', headers: json, body: JSON.stringify(wrong) })).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await api('/me/notifications')).status, 401);
    const caseId = await rig.start({ title: 'x', quantity: 1 }, 'olga');
    await eventually(async () => ((await rig.eventsOf(caseId, 'TaskNotified')).length > 0 ? true : undefined));
    assert.deepEqual(sink.mails.flatMap(({ to }) => to), ['tom@example.com']);
  });
});
