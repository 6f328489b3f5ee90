import assert from 'node:assert/strict';
import { fixedServices } from '../../src/engine/services/source.ts';
import { WithoutExchanges } from '../../src/cli/ledger/exchanges.ts';
import { exportEvent } from '../../src/ledger/prove.ts';
import { SqliteSource } from '../../src/ledger/sqlite/source.ts';
import { existingLedger } from '../../src/cli/ledger/options.ts';
import { eventually } from '../web/support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from '../web/support/server.ts';
import { end, opener, Rig, step, withNodeRed } from './support/rig.ts';
import { receiptService } from './support/services.ts';
import { OtherSystem } from './support/system.ts';
import type { Answer } from './support/system.ts';
import { stepMapping } from '../../src/engine/mapping/step-mapping.ts';
import { masks } from '../../src/engine/services/exchange-veil.ts';
import { systemLinks } from '../../src/engine/services/system-node.ts';

/** Marked: wherever it turns up, somebody saw it. */
const SECRET = 'Zz-Geheim-4711';
/** Stands in answers only. */
const THEIRS = 'Yy-Verborgen-0815';
const receipt = { po: '4500001', quantity: '7.5', consignee: { name: SECRET } };

describe('call node: what a service masks, for readers', () => {
  withNodeRed();
  let rig: Rig;
  let erp: OtherSystem;
  let server: TestServer;
  let hooks: OtherSystem;
  const logged: string[] = [];
  const restore: (() => void)[] = [];
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};

  before(async () => {
    [erp, hooks] = [await OtherSystem.start(), await OtherSystem.start()];
    rig = await Rig.open({}, { publicUrl: 'http://waybill.example', notifications: { webhookUrl: `${hooks.url}/in`, webhookSecret: 's', teamsUrl: `${hooks.url}/teams`, slackUrl: `${hooks.url}/slack`, purposes: 'exception' }, noticePace: { gatherMs: 10, mailEveryMs: 10, chatEveryMs: 10 } });
    for (const level of ['warn', 'error', 'log'] as const) {
      const before = console[level];
      console[level] = (...said: unknown[]) => { logged.push(said.map(String).join(' ')); };
      restore.push(() => { console[level] = before; });
    }
    for (const [name, role] of [['clerk', 'clerk'], ['engineer', 'engineer'], ['auditor', 'auditor']] as const) people[name] = await addPerson(rig.engine.accounts!, name, [role], ['*']);
    server = await startServer(() => rig.engine);
    rig.engine.services = fixedServices([receiptService({ masked: ['/consignee/name'], classification: 'confidential', retry: { maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 } })]);
    await rig.load([
      { id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${erp.url}/api`, urlType: 'str' }, opener(['post']),
      step('call', 'post', { systemNode: 'sys', service: 'erp/goods-receipts@1.0.0', operation: 'post', body: 'payload', bodyType: 'msg', recordAs: 'receipt', wires: [['done'], [], []], outputs: 3 }), end('done'),
    ]);
  });
  after(async () => {
    await server.close();
    await rig.close();
    await erp.stop();
    await hooks.stop();
    for (const each of restore) each();
  });

  const read = async (who: string, what: string) => JSON.stringify((await ask(`${server.api}/${what}`, { headers: people[who]!.headers })).body);
  async function hiddenFromAllButTheAuditor(...paths: readonly string[]): Promise<void> {
    for (const what of paths) {
      for (const who of ['clerk', 'engineer']) assert.ok(!(await read(who, what)).includes(SECRET), `${who} reads ${what}`);
    }
  }

  it('is covered in the case, its proof, the service page, and is sent as it is', async () => {
    erp.answer = () => ({ status: 201, body: { number: 'GR-1', name: SECRET, note: `for ${SECRET}` } });
    const caseId = await rig.start(receipt);
    await rig.closed(caseId);
    assert.deepEqual(erp.asked.at(-1)?.body, receipt);
    await rig.engine.ledger.seal();
    await hiddenFromAllButTheAuditor(`cases/${caseId}`, `cases?status=closed`, `cases/${caseId}/path`, 'service-health');
    assert.ok((await read('clerk', `cases/${caseId}`)).includes('"masked":["/consignee/name"]'));
    for (const what of [`cases/${caseId}`, `cases/${caseId}/proof`]) assert.ok((await read('auditor', what)).includes(SECRET), what);
    const proof = await read('engineer', `cases/${caseId}/proof`);
    assert.ok(!proof.includes(SECRET) && proof.includes('leafBytes'));
  });

  it('is covered in exceptions and what people are told of them, though the system itself says it', async () => {
    erp.answer = () => ({ status: 422, body: { title: `${SECRET} is unknown here`, name: SECRET } });
    const raised = await rig.exception(await rig.start(receipt));
    assert.ok(!raised.message.includes(SECRET), 'mails and chats carry this sentence');
    assert.match(raised.message, /refused "post" for good \(HTTP 422\): ••• is unknown here/);
    await hiddenFromAllButTheAuditor('exceptions', `exceptions/${raised.exception_id}`, `cases/${raised.case_id}`, 'service-health');
    assert.ok((await read('auditor', `exceptions/${raised.exception_id}`)).includes(SECRET));
  });

  it('is covered in a dead letter, and an edit of the rest sends what is stored', async () => {
    erp.answer = () => ({ status: 503, body: { title: `not now, ${SECRET}` } });
    const caseId = await rig.start(receipt);
    const letter = await eventually(async () => (await rig.engine.ledger.listDeadLetters({ caseId }, { limit: 1 })).items[0]);
    await hiddenFromAllButTheAuditor('dead-letters', `dead-letters/${letter.dead_letter_id}`, 'service-health');
    const { body } = await ask(`${server.api}/dead-letters/${letter.dead_letter_id}`, { headers: people['clerk']!.headers });
    const shown = (body['request'] as { readonly body: typeof receipt }).body;
    assert.deepEqual(shown, { ...receipt, consignee: { name: '•••' } });
    erp.answer = () => ({ status: 201, body: { number: 'GR-2' } });
    const replayed = await ask(`${server.api}/dead-letters/${letter.dead_letter_id}/replay`, { method: 'POST', headers: people['clerk']!.headers, json: { request: { ...shown, quantity: '8' } } });
    assert.equal(replayed.status, 204, JSON.stringify(replayed.body));
    await rig.closed(caseId);
    assert.deepEqual(erp.asked.at(-1)?.body, { ...receipt, quantity: '8' });
  });

  const contract = (answer: unknown) => ({ status: 201, body: answer });
  /** What the other system says, what of it people may read, and what must be covered. */
  const answers: readonly (readonly [what: string, answer: () => Answer, said: RegExp])[] = [
    ['a refusal that quotes what only its own answer names', () => ({ status: 422, body: { title: `${THEIRS} is blocked`, name: THEIRS, detail: `see ${THEIRS}` } }), /\(HTTP 422\): ••• is blocked\. Correct/],
    ['a conflict with the newer state', () => ({ status: 409, body: { title: `${THEIRS} was faster`, name: THEIRS } }), /Somebody else changed it .*: ••• was faster/],
    ['an answer that breaks its contract', () => contract({ name: THEIRS }), /breaks its contract: the document must have required property 'number'\./],
    ['an answer that is no JSON', () => ({ status: 201, raw: `{"name": ${THEIRS}}` }), /breaks its contract: The answer is no JSON: .*•••/],
  ];
  for (const [what, answer, said] of answers) {
    it(`is covered in ${what}, whoever is told of it`, async () => {
      hooks.asked.length = 0;
      erp.answer = answer;
      const raised = await rig.exception(await rig.start(receipt));
      assert.match(raised.message, said);
      await eventually(async () => (hooks.asked.length >= 3 ? true : undefined));
      const told = JSON.stringify(hooks.asked);
      const metrics = await (await fetch(server.api.replace('/api/v1', '/metrics'), { headers: people['engineer']!.headers })).text();
      for (const secret of [SECRET, THEIRS]) {
        for (const [where, text] of [['message', raised.message], ['webhook, Teams and Slack', told], ['log', logged.join('\n')], ['metrics', metrics], ['form of the system', JSON.stringify(systemLinks().get('sys')?.lastProblem ?? '')]] as const) assert.ok(!text.includes(secret), `${where}: ${text}`);
        for (const who of ['clerk', 'engineer']) for (const page of ['exceptions', `exceptions/${raised.exception_id}`, `cases/${raised.case_id}`, `cases/${raised.case_id}/path`, 'service-health', 'epcis/events']) assert.ok(!(await read(who, page)).includes(secret), `${who} reads ${page}: ${await read(who, page)}`);
      }
    });
  }

  it('is covered in what a mapping cannot read, though nothing was sent', async () => {
    const mapped = (to: string) => stepMapping({ rows: [{ to, from: '/who', convert: [{ kind: 'decimal', mark: '.' }] }] }, 'request')!.map({ who: SECRET }, undefined, masks({ classification: 'internal', masked: ['/consignee/name'] }));
    const [hidden, shown] = [mapped('/consignee/name'), mapped('/note')];
    assert.ok('said' in hidden && 'said' in shown);
    assert.ok(!JSON.stringify(hidden).includes(SECRET) && hidden.said.includes('•••'), JSON.stringify(hidden));
    assert.ok(shown.said.includes(SECRET));
  });

  it('is in no export or proof of the command line that does not ask for personal content', () => {
    const source = new SqliteSource(existingLedger(rig.home));
    try {
      const texts = (personal: boolean): string => {
        const exchanges = new WithoutExchanges();
        return [...source.events(1)].map((event) => exportEvent(event, personal)).map((event) => JSON.stringify(personal ? event : exchanges.event(event))).filter((line) => !/"type":"CaseOpened@|"stepId":"open"/.test(line)).join('\n');
      };
      for (const secret of [SECRET, THEIRS]) assert.ok(!texts(false).includes(secret), texts(false).split('\n').find((line) => line.includes(secret)));
      assert.match(texts(false), /leafBytes/);
      assert.ok(texts(true).includes(SECRET));
    } finally {
      source.close();
    }
  });
});
