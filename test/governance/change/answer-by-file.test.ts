import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ChangeTerms } from '../../../src/domain/change/index.ts';
import { changeKey } from '../../../src/governance/catalogue/publisher/keys.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { answerOf, readAnswerFile, signAnswer, signedBytes, type ChangeAnswer } from '../../../src/governance/change/answer-file.ts';
import { createKeyFile, openKeyFile } from '../../../src/governance/signing/key-file.ts';
import { memorySigner } from '../../../src/governance/signing/memory-signer.ts';
import type { Signer } from '../../../src/governance/signing/signer.ts';
import { makeCentral, packedTemplate, publishTemplate, signAll, temporary, type Central } from '../catalogue/support/central.ts';
import { addPerson, ask, startServer, type TestServer } from '../../web/support/server.ts';
import { changeCommand } from './support/change-cli.ts';
import { startEngine, type TestEngine } from '../../web/support/real-engine.ts';

const passphrase = 'a long enough passphrase';
const DAY = 86_400_000;

describe('an answer by file', function () {
  this.timeout(120_000);
  let test: TestEngine;
  let server: TestServer;
  let central: Central;
  let withKeyFile: Signer;
  const folder = temporary('answer-files');
  const headers: Record<string, Record<string, string>> = {};
  const file = (name: string): string => path.join(folder, name);
  const cli = async (who: string | undefined, ...args: string[]): Promise<string> => {
    const environment = { WAYBILL_PASSPHRASE: passphrase, ...(who === undefined ? {} : { WAYBILL_TOKEN: headers[who]!['authorization']!.slice('Bearer '.length) }) };
    const { out, err } = await changeCommand(folder, environment, [...args, ...(who === undefined ? ['--catalogue', central.folder.path] : ['--url', `${server.url}/waybill`])]);
    return out + err;
  };
  const asks = async (more: object = {}): Promise<{ readonly changeId: string; readonly site: string; readonly family: string; readonly requestHash: string }> => {
    const { body } = await ask(`${server.api}/change-requests`, { method: 'POST', headers: headers['eve']!, json: { kind: 'waiver', site: 'dc-1', family: 'returns', title: 'exec', reason: 'Its driver is a program.', rule: 'no-exec', scope: { fingerprints: ['f1', 'f2'] }, until: until(40), ...more } });
    const { body: whole } = await ask(`${server.api}/change-requests/${String(body['changeId'])}/file`, { headers: headers['eve']! });
    return whole as unknown as Awaited<ReturnType<typeof asks>>;
  };
  const until = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
  const waive = (days = 30, more: object = {}): ChangeTerms => ({ decision: 'waive', rule: 'no-exec', scope: { fingerprints: ['f1'] }, expiresAt: until(days), ...more });
  const signed = async (answer: ChangeAnswer, ...signers: readonly Signer[]): Promise<ChangeAnswer> => {
    let whole = answer;
    for (const signer of signers) whole = await signAnswer(whole, signer);
    return whole;
  };
  const brought = async (answer: object | string, who = 'eve'): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> =>
    ask(`${server.api}/change-requests/answers`, { method: 'POST', headers: headers[who]!, json: { file: typeof answer === 'string' ? answer : JSON.stringify(answer) } });
  const decisions = async (changeId: string) => (await test.engine.ledger.readStream(`change:${changeId}`)).filter((event) => event.type === 'ChangeDecided');

  before(async () => {
    mkdirSync(folder, { recursive: true });
    central = await makeCentral();
    await publishTemplate(central, packedTemplate('returns/damaged-goods', '1.0.0'));
    // One of the owners signs with a file, in the place of one whose key is withdrawn by that.
    const key = await createKeyFile(file('rhea.key'), { name: 'Rhea' }, passphrase, 1_024);
    await createKeyFile(file('stranger.key'), { name: 'Mallory' }, passphrase, 1_024);
    withKeyFile = await openKeyFile(file('rhea.key'), passphrase);
    await changeKey(central.folder, { drop: central.returns[2].publicKey.keyId, add: key }, Date.now());
    await signAll(central.folder, [...central.board.slice(0, 2), ...central.returns.slice(0, 2), withKeyFile]);
    await release(central.folder, central.online, Date.now());
    test = await startEngine(async (accounts) => {
      for (const [name, roles] of [['eve', ['engineer']], ['rita', ['owner:returns']]] as const) headers[name] = (await addPerson(accounts, name, roles)).headers;
    }, undefined, { catalogue: central.public, catalogueRoot: central.rootFile });
    await test.engine.governance.refreshCatalogue();
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('goes from the site to the owners and back on the command line, declined, once', async () => {
    const { changeId } = await asks();
    assert.match(await cli('eve', 'export', changeId, '--out', 'request.json'), /Written to/);
    assert.match(await cli('eve', 'import', 'request.json'), /This is the request itself/);
    assert.match(await cli(undefined, 'import', 'request.json'), /Taken in/);
    assert.match(await cli(undefined, 'approve', changeId, '--until', until(60).slice(0, 10)), /is what the site asked for/);
    assert.match(await cli(undefined, 'decline', changeId, '--reason', 'Use the parameter printer.', '--key', 'stranger.key'), /Mallory is not among the owners/);
    assert.match(await cli(undefined, 'decline', changeId, '--reason', 'Use the parameter printer.', '--key', 'rhea.key'), /Signed by Rhea, 1 of 2/);
    assert.match(await cli(undefined, 'export', changeId), /The site would refuse it, signed by Rhea: Not enough owners/);
    const kept = path.join(central.folder.path, 'changes', `${changeId}.answer.json`);
    writeFileSync(kept, JSON.stringify(await signAnswer(readAnswerFile(readFileSync(kept)), central.returns[0])));
    assert.match(await cli(undefined, 'show', changeId), /Declined\..*\n.*Use the parameter printer/);
    assert.match(await cli(undefined, 'export', changeId, '--out', 'answer.json'), /good until/);
    assert.match(await cli('eve', 'import', 'answer.json'), new RegExp(`${changeId} is declined: Use the parameter printer`));
    assert.match(await cli('eve', 'import', 'answer.json'), /is declined/, 'again changes nothing');
    assert.match(await cli('eve', 'show', changeId), /Rita, Rhea decline \(declined\): Use the parameter printer/);
    const [event, ...more] = await decisions(changeId);
    assert.deepEqual([event?.type === 'ChangeDecided' && event.data.mode, event?.type === 'ChangeDecided' && event.data.signedBy?.length, event?.actor.kind, more.length], ['file', 2, 'person', 0]);
  });

  it('accepts a change and grants a waiver that is narrower than asked, and says so at the request', async () => {
    const one = await asks();
    assert.equal((await brought(await signed(answerOf(one, waive(), 'Until the driver is replaced.', Date.now()), central.returns[0], withKeyFile))).body['status'], 'waived');
    assert.deepEqual((await test.engine.governance.changes.waivers({ status: 'active' }, { limit: 5 })).items, [], 'the gate goes by the signed catalogue, as ever');
    const { body } = await ask(`${server.api}/change-requests/${one.changeId}`, { headers: headers['eve']! });
    const [word] = body['talk'] as readonly { readonly by: object; readonly comment: string }[];
    assert.deepEqual([word?.by, word?.comment], [{ id: 'owners', name: 'Rita, Rhea', me: false }, 'Until the driver is replaced.']);
    const { flow } = JSON.parse(packedTemplate('returns/damaged-goods', '1.0.0').toString('utf8')) as { flow: readonly Record<string, unknown>[] };
    const nodes = flow.map((node) => (node['type'] === 'function' ? { ...node, func: 'return null;' } : node));
    const two = await asks({ kind: 'change', template: 'returns/damaged-goods@1.0.0', nodes, rule: undefined, scope: undefined, until: undefined });
    const version = async (text: string) => brought(await signed(answerOf(two, { decision: 'accept', version: text }, undefined, Date.now()), central.returns[0], withKeyFile));
    assert.match(String((await version('0.9.0')).body['detail']), /a higher one/);
    assert.equal((await version('1.1.0')).body['status'], 'accepted');
  });

  it('has the templates beside it, with what the owners have signed', async () => {
    const { body } = await ask(`${server.api}/templates`, { headers: headers['eve']! });
    const [template, ...more] = body['items'] as readonly Record<string, unknown>[];
    assert.deepEqual([template?.['id'], template?.['version'], template?.['status'], template?.['installed'], (template?.['signedBy'] as readonly { name: string }[]).map(({ name }) => name), more.length], ['returns/damaged-goods', '1.0.0', 'published', [], ['Rita', 'Rob'], 0]);
    assert.match(String(template?.['contentHash']), /^sha256:/);
    assert.deepEqual((await ask(`${server.api}/templates?installed=true`, { headers: headers['eve']! })).body['items'], []);
    assert.equal((await ask(`${server.api}/templates?cursor=x`, { headers: headers['eve']! })).status, 400);
  });

  it('is not asked for about a template that the catalogue does not have: the field says so', async () => {
    const asked = async (more: object) => (await ask(`${server.api}/change-requests`, { method: 'POST', headers: headers['eve']!, json: { site: 'dc-1', family: 'returns', title: 'T', reason: 'R', ...more } })).body;
    const nodes = [{ id: 'n', type: 'debug', name: 'n' }];
    const errors = async (more: object): Promise<unknown> => (await asked(more))['errors'];
    assert.deepEqual(await errors({ kind: 'change', template: 'returns/damaged-good@1.0.0', nodes }), [{ path: 'body/template', message: 'The catalogue of this site has no template returns/damaged-good.' }]);
    assert.deepEqual(await errors({ kind: 'change', template: 'returns/damaged-goods@1.0.1', nodes }), [{ path: 'body/template', message: 'The catalogue of this site has no version 1.0.1 of returns/damaged-goods; it has 1.0.0.' }]);
    assert.deepEqual(await errors({ kind: 'waiver', rule: 'no-exec', scope: { template: 'returns/else' } }), [{ path: 'body/scope/template', message: 'The catalogue of this site has no template returns/else.' }]);
  });

  it('is refused, each for its own reason, and the request stays open', async () => {
    const asked = await asks();
    const [rita, rob, ron] = central.returns;
    const good = await signed(answerOf(asked, waive(), undefined, Date.now()), rita, withKeyFile);
    const cases: readonly (readonly [string, object | string])[] = [
      ['request-invalid', '[]'], ['request-invalid', 'no json'], ['request-invalid', { ...good, terms: { decision: 'waive' } }], ['request-invalid', { ...good, signatures: [{ keyId: 'x', signature: 'y' }] }], ['request-invalid', `{"format":"waybill-change-answer@1","a":${'['.repeat(50)}${']'.repeat(50)}}`],
      ['answer-altered', { ...good, terms: { decision: 'decline' } }], ['answer-altered', { ...good, validUntil: until(400) }], ['answer-altered', { ...good, comment: 'More.' }],
      ['answer-threshold', await signed(answerOf(asked, waive(), undefined, Date.now()), rita)],
      ['answer-threshold', { ...good, signatures: [good.signatures[0], good.signatures[0]] }],
      ['answer-unsigned', { ...good, signatures: [] }], ['answer-unsigned', await signed(answerOf(asked, waive(), undefined, Date.now()), memorySigner('Mallory'), central.orders[0])],
      ['answer-key-withdrawn', await signed(answerOf(asked, waive(), undefined, Date.now()), ron, rita)],
      ['answer-other-site', await signed(answerOf({ ...asked, site: 'dc-2' }, waive(), undefined, Date.now()), rita, rob)],
      ['answer-other-site', await signed(answerOf({ ...asked, site: 'dc-2', changeId: '01a223b9-acd8-7000-b979-50b993504148' }, waive(), undefined, Date.now()), rita, rob)],
      ['change-unknown', await signed(answerOf({ ...asked, changeId: '01a223b9-acd8-7000-b979-50b993504148' }, waive(), undefined, Date.now()), rita, rob)],
      ['answer-other-request', await signed(answerOf({ ...asked, requestHash: `sha256:${'0'.repeat(64)}` }, waive(), undefined, Date.now()), rita, rob)],
      ['answer-other-request', await signed(answerOf({ ...asked, family: 'order-to-cash' }, waive(), undefined, Date.now()), ...central.orders)],
      ['answer-expired', await signed(answerOf(asked, waive(), undefined, Date.now() - 91 * DAY), rita, rob)],
      ['answer-from-future', await signed(answerOf(asked, waive(), undefined, Date.now() + 2 * DAY), rita, rob)],
      ['waiver-beyond-asked', await signed(answerOf(asked, waive(41), undefined, Date.now()), rita, rob)], ['waiver-beyond-asked', await signed(answerOf(asked, waive(30, { rule: 'no-secrets' }), undefined, Date.now()), rita, rob)],
      ['waiver-not-a-version', await signed(answerOf(asked, { decision: 'accept', version: '9.0.0' }, undefined, Date.now()), rita, rob)],
    ];
    for (const [code, answer] of cases) {
      const { status, body } = await brought(answer);
      assert.equal(body['code'], code, JSON.stringify(body));
      assert.ok(status >= 400 && status < 500 && /^[^.]+[^ ]\.$|\./.test(String(body['detail'])), String(body['detail']));
    }
    assert.equal((await brought(good, 'rita')).status, 403, 'an owner decides on the page; a file is brought by who asks');
    assert.deepEqual([(await test.engine.ledger.getChange(asked.changeId))?.status, (await decisions(asked.changeId)).length], ['requested', 0]);
    const recorded = (await test.engine.ledger.readAll(1, 5_000)).flatMap((event) => (event.type === 'CommandRefused' && event.data.command === 'BringAnswer' ? [event.data.code] : []));
    for (const code of new Set(cases.map(([each]) => each))) if (code !== 'request-invalid' && code !== 'change-unknown') assert.ok((recorded as string[]).includes(code), `${code} is on record`);
    // What fits is taken once; another answer, and one after a withdrawal, come too late.
    assert.equal((await brought(good)).body['status'], 'waived');
    assert.equal((await brought(good)).body['status'], 'waived');
    assert.equal((await brought(await signed(answerOf(asked, { decision: 'decline' }, 'No.', Date.now()), rita, rob))).body['code'], 'change-over');
    const other = await asks();
    await ask(`${server.api}/change-requests/${other.changeId}/withdrawal`, { method: 'POST', headers: headers['eve']!, json: {} });
    assert.equal((await brought(await signed(answerOf(other, waive(), undefined, Date.now()), rita, rob))).body['code'], 'change-over');
  });

  it('is taken once when it is brought twice at the same instant', async () => {
    const asked = await asks();
    const answer = await signed(answerOf(asked, { decision: 'decline' }, 'No.', Date.now()), central.returns[0], central.returns[1]);
    const answers = await Promise.all([brought(answer), brought(answer), brought(answer)]);
    assert.deepEqual([answers.map(({ body }) => body['status']), (await decisions(asked.changeId)).length], [['declined', 'declined', 'declined'], 1]);
  });

  it('is signed as what it is: whatever an owner has signed elsewhere says nothing here', () => {
    const answer = answerOf({ changeId: 'c', site: 'dc-1', family: 'returns', requestHash: 'h' }, { decision: 'decline' }, undefined, 0);
    assert.ok(Buffer.from(signedBytes(answer)).toString('utf8').startsWith('waybill-change-answer@1\n{"answeredAt":"1970-'));
  });
});
