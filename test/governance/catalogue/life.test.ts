import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CatalogueWatch } from '../../../src/engine/governance/catalogue-watch.ts';
import { SiteLog } from '../../../src/engine/site-log.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import type { PublisherError } from '../../../src/governance/catalogue/publisher/folder.ts';
import { draftState, stageTarget } from '../../../src/governance/catalogue/publisher/drafts.ts';
import { makeFolder } from '../../../src/governance/catalogue/publisher/folder.ts';
import { changeOwners, stageRemoval } from '../../../src/governance/catalogue/publisher/families.ts';
import { changeKey, stageOwners, stageRenewal } from '../../../src/governance/catalogue/publisher/keys.ts';
import { stageConstitution } from '../../../src/governance/catalogue/publisher/owners.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { report } from '../../../src/governance/catalogue/publisher/report.ts';
import { stageDeprecation, stagePolicy, stagePromotion, stageRevocation, stageTemplate, stageWaiver } from '../../../src/governance/catalogue/publisher/stage.ts';
import type { Waiver } from '../../../src/governance/catalogue/site-catalogue.ts';
import { memorySigner } from '../../../src/governance/signing/memory-signer.ts';
import { createKeyFile, KeyFileError, openKeyFile } from '../../../src/governance/signing/key-file.ts';
import type { Signer } from '../../../src/governance/signing/signer.ts';
import type { ReleasePolicy } from '../../../src/governance/gate/policy.ts';
import type { Release } from '../../../src/governance/catalogue/publisher/release.ts';
import type { Central } from './support/central.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll, temporary } from './support/central.ts';

const ID = `${FAMILY}/goods-receipt`;
const DAY = 86_400_000;
const dayIn = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

describe('the life of a version', () => {
  it('goes from draft over review and approval to published; a change takes its signatures away', async () => {
    const central = await makeCentral();
    const life = async (): Promise<string | undefined> => (await report(central.folder, Date.now())).templates[0]?.life;
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { ring: 'all', now: Date.now() });
    assert.equal(await life(), 'draft');
    await signAll(central.folder, central.owners.slice(0, 1));
    assert.equal(await life(), 'in review');
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0', 'mended'), { ring: 'all', now: Date.now() });
    assert.equal(await life(), 'draft');
    await signAll(central.folder, central.owners);
    assert.equal(await life(), 'approved');
    await release(central.folder, central.online, Date.now());
    assert.equal(await life(), 'published');
    await assert.rejects(stageTemplate(central.folder, packedTemplate(ID, '1.0.0', 'again'), { ring: 'all', now: Date.now() }), /what is published never changes\. Raise the version/);
    await assert.rejects(stageTemplate(central.folder, packedTemplate(ID, '1.0.0', 'mended'), { ring: 'all', now: Date.now() }), /published already, with this content/);
  });

  it('is retired from its sunset on by every site itself, without a line', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    await stageDeprecation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, { sunset: dayIn(10), reason: 'Use 2.0.0.', now: Date.now() });
    const site = await openSite(central);
    await site.refresh();
    assert.equal(site.template(ID, '1.0.0')?.status, 'published', 'nobody has signed the end yet');
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.deepEqual([site.template(ID, '1.0.0')?.status, site.template(ID, '1.0.0')?.sunset, site.template(ID, '1.0.0')?.reason], ['deprecated', dayIn(10), 'Use 2.0.0.']);
    const later = await openSite(central, { home: site.home, source: undefined, now: () => Date.now() + 11 * DAY });
    assert.equal(later.template(ID, '1.0.0')?.status, 'retired');
    await assert.rejects(stageDeprecation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, { sunset: '2027-02-30', now: Date.now() }), /write a day as 2027-06-30/);
    for (const days of [-1, 0]) await assert.rejects(stageDeprecation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, { sunset: dayIn(days), now: Date.now() }), /has passed; name a day from tomorrow on/);
    assert.equal((await stageDeprecation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, { sunset: dayIn(1), now: Date.now() })).sunset, dayIn(1));
  });

  it('is withdrawn at once, with a reason', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    await stageRevocation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'It books twice.', Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const site = await openSite(central);
    await site.refresh();
    assert.deepEqual([site.template(ID, '1.0.0')?.status, site.template(ID, '1.0.0')?.reason], ['retired', 'It books twice.']);
    await assert.rejects(stageRevocation(central.folder, { kind: 'template', id: ID, version: '9.0.0' }, 'x', Date.now()), /The catalogue has no procure-to-pay\/goods-receipt@9\.0\.0/);
  });

  it('reaches test sites first, then pilots, then all', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'), { ring: 'test' });
    const seen = async (): Promise<readonly boolean[]> => await Promise.all((['test', 'pilot', 'all'] as const).map(async (ring) => {
      const site = await openSite(central, { ring });
      assert.equal((await site.refresh()).state, 'fresh');
      return site.templates().length === 1;
    }));
    assert.deepEqual(await seen(), [true, false, false]);
    const pilot = await openSite(central);
    await pilot.refresh();
    const wider = await openSite({ ...central, public: path.join(central.public, 'nowhere') }, { home: pilot.home, ring: 'test' });
    assert.equal((await wider.refresh()).state, 'stale', 'a site that joins a wider ring while the line is down works with what it has');
    const joined = await openSite(central, { home: pilot.home, ring: 'test' });
    assert.deepEqual([joined.state().state, (await joined.refresh()).state, joined.templates().length], ['fresh', 'fresh', 1]);
    for (const [ring, expected] of [['pilot', [true, true, false]], ['all', [true, true, true]]] as const) {
      await stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, ring, Date.now());
      await signAll(central.folder, central.owners);
      await release(central.folder, central.online, Date.now());
      assert.deepEqual(await seen(), expected);
    }
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'pilot', Date.now()), /out for "all" already/);
  });
});

describe('the rings of a release', () => {
  const ring = async (central: Central): Promise<string | undefined> => (await report(central.folder, Date.now())).templates[0]?.ring;
  const out = async (central: Central, signers: readonly Signer[]): Promise<Release> => {
    await signAll(central.folder, signers);
    return await release(central.folder, central.online, Date.now());
  };
  const policy = async (central: Central, version: string, releases: ReleasePolicy): Promise<void> => {
    await stagePolicy(central.folder, Buffer.from(JSON.stringify({ version, rules: {}, releases })), Date.now());
    await out(central, central.board);
  };

  it('are kept from the first version of an empty catalogue on: one at a time, none left out, none taken back', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    for (const wanted of ['pilot', 'all'] as const) await assert.rejects(stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { ring: wanted, now: Date.now() }), /is new, and a new version of this family begins with the ring "test"/);
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() });
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'pilot', Date.now()), /is not published yet; first its release for "test"/);
    await out(central, central.owners);
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'all', Date.now()), /goes one ring at a time, so "pilot" comes before "all"/);
    await stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'pilot', Date.now());
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'all', Date.now()), /one ring at a time/, 'what is staged is not out');
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'pilot', Date.now()), /is staged already, and waits for signatures/);
    await out(central, central.owners);
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'test', Date.now()), /a ring is never taken back/);
    await stageRevocation(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'It books twice.', Date.now());
    await out(central, central.owners);
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, 'all', Date.now()), /is withdrawn; it goes to no other ring/);
  });

  it('are kept also against a draft that somebody wrote by hand and all owners signed', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() });
    const file = path.join(central.folder.path, 'drafts', `${FAMILY}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"ring": "test"', '"ring": "all"'));
    const { published, waiting } = await out(central, central.owners);
    assert.deepEqual([published, waiting.map(({ role }) => role)], [[], [FAMILY]]);
    assert.match(waiting[0]?.why ?? '', /1\.0\.0 is new, and a new version of this family begins with the ring "test", not "all"/);
    assert.equal(existsSync(path.join(central.public, 'targets')), false);
  });

  it('ask for the signatures that the policy says, by number and by function, and for no more once it is out', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    const otherId = 'order-to-cash/order-exception';
    const [otto, oona, ines, finn] = central.orders;
    await policy(central, '1', { firstRing: 'test', signatures: { all: { threshold: 4 }, pilot: { functions: ['it'] } } });
    const [step] = [(to: 'pilot' | 'all') => stagePromotion(central.folder, { kind: 'template', id: otherId, version: '1.0.0' }, to, Date.now())];
    await stageTemplate(central.folder, packedTemplate(otherId, '1.0.0'), { now: Date.now() });
    await out(central, [otto, ines, finn]);
    await step('pilot');
    await out(central, [otto, ines, finn]);
    await step('all');
    assert.deepEqual((await out(central, [otto, ines, finn])).published, [], 'three of the four that this ring asks for');
    assert.equal((await draftState(central.folder, 'order-to-cash'))?.threshold, 4);
    assert.deepEqual((await out(central, [oona])).published, ['order-to-cash']);
    assert.equal(await ring(central), 'all');
    await stageDeprecation(central.folder, { kind: 'template', id: otherId, version: '1.0.0' }, { sunset: dayIn(10), now: Date.now() });
    assert.deepEqual((await out(central, [otto, ines, finn])).published, ['order-to-cash'], 'an end is no release');
  });

  it('say which signature a promotion can never get, and let a policy grant more', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    await policy(central, '1', { signatures: { pilot: { functions: ['finance'] } } });
    await stageTemplate(central.folder, packedTemplate('returns/damaged-goods', '1.0.0'), { now: Date.now() });
    await out(central, central.returns);
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: 'returns/damaged-goods', version: '1.0.0' }, 'pilot', Date.now()), /The policy asks for a signature of finance for the ring "pilot", and no owner of returns has that function/);
    await policy(central, '2', { signatures: { pilot: { threshold: 9 } } });
    await assert.rejects(stagePromotion(central.folder, { kind: 'template', id: 'returns/damaged-goods', version: '1.0.0' }, 'pilot', Date.now()), /asks for 9 signatures for the ring "pilot", and returns has 3 owners/);
  });

  it('begin where a signed policy says, and no policy counts that the board has not signed', async () => {
    const [central, plain] = [await makeCentral({ firstRing: 'test' }), await makeCentral({ firstRing: 'none' })];
    await assert.rejects(stageTemplate(plain.folder, packedTemplate(ID, '1.0.0'), { ring: 'pilot', now: Date.now() }), /begins with the ring "test"/);
    await policy(plain, '1', { firstRing: 'pilot' });
    await policy(central, '1', { firstRing: 'all' });
    assert.equal((await stageTemplate(plain.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() })).ring, 'pilot');
    assert.equal((await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() })).ring, 'test', 'what the board says of the family goes before');
    const unsigned = await makeCentral({ firstRing: 'none' });
    await stagePolicy(unsigned.folder, Buffer.from('{"version":"1","rules":{},"releases":{"firstRing":"all"}}'), Date.now());
    await assert.rejects(stageTemplate(unsigned.folder, packedTemplate(ID, '1.0.0'), { ring: 'all', now: Date.now() }), /begins with the ring "test"/);
  });

  it('are not seen from outside: neither the version nor its file', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() });
    await out(central, central.owners);
    const test = await openSite(central, { ring: 'test' });
    await test.refresh();
    assert.equal(test.template(ID, '1.0.0')?.ring, 'test');
    for (const outside of ['pilot', 'all'] as const) {
      const site = await openSite(central, { ring: outside });
      assert.equal((await site.refresh()).state, 'fresh');
      assert.deepEqual([site.templates(), site.template(ID, '1.0.0'), existsSync(path.join(site.home, 'catalogue/targets'))], [[], undefined, false]);
      // A test site that leaves its ring no longer sees what it had, before it asks and after.
      const left = await openSite(central, { home: test.home, ring: outside, source: undefined });
      assert.equal(left.template(ID, '1.0.0'), undefined);
    }
  });
});

describe('policy and waivers', () => {
  const waiver = (changes: Partial<Waiver> = {}): Waiver => ({ id: 'w1', rule: 'no-exec', sites: ['dc-1'], scope: { template: ID }, reason: 'Until the new scale is there.', grantedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 30 * DAY).toISOString(), ...changes });

  it('come to the sites they are for, signed by the board or by the owners of a family', async () => {
    const central = await makeCentral();
    await stagePolicy(central.folder, Buffer.from('{"version":"7","rules":{"no-exec":{"level":"error"}}}'), Date.now());
    await stageWaiver(central.folder, waiver({ id: 'everywhere', sites: ['*'], scope: {} }), Date.now());
    await stageWaiver(central.folder, waiver({ family: FAMILY }), Date.now());
    await signAll(central.folder, [...central.board, ...central.owners]);
    await release(central.folder, central.online, Date.now());
    const [here, there] = await Promise.all([openSite(central), openSite(central, { site: 'dc-2' })]);
    await Promise.all([here.refresh(), there.refresh()]);
    assert.equal(here.policy()?.version, '7');
    assert.deepEqual(here.waivers().map(({ id, family }) => [id, family]), [['everywhere', undefined], ['w1', FAMILY]]);
    assert.deepEqual(there.waivers().map(({ id }) => id), ['everywhere']);
  });

  it('come in a policy that only goes forward, and whose mistakes are named one by one', async () => {
    const central = await makeCentral();
    const stage = async (policy: unknown): Promise<unknown> => await stagePolicy(central.folder, Buffer.from(typeof policy === 'string' ? policy : JSON.stringify(policy)), Date.now());
    const mistakes = async (policy: unknown): Promise<readonly string[]> => await stage(policy).then(() => [], (error: unknown) => (error as PublisherError).details);
    await assert.rejects(stage('{'), /The policy is no JSON/);
    assert.deepEqual(await mistakes({ version: 'newest', rules: { 'no-exec': { level: 'hard' } }, module: {} }), ['"module" is not known here; mend its spelling or take it out', 'version: has not the form that is needed; docs/catalogue.md says which', 'rules.no-exec.level: must be one of error, warn, off']);
    assert.deepEqual(await mistakes({ version: '1', rules: { 'no-exac': {}, 'function-limits': { options: { line: 3, lines: 'three' } } }, modules: { 'node-red-contrib-s7': 'newest' } }), [
      'rules.no-exac: there is no such rule; docs/gate.md lists them',
      'rules.function-limits.options.line: the rule has no such option; it has lines, characters, noRequire, noEval, noGlobalWrites, noNetwork, modules', 'rules.function-limits.options.lines: must be a number',
      'modules.node-red-contrib-s7: "newest" is no range of versions, such as ^1.2.0',
    ]);
    assert.deepEqual(await mistakes({ version: '1', rules: {}, changeQuorum: { 'no-such': 2 } }), ['changeQuorum.no-such: the catalogue has no such family']);
    await stage({ version: '1.10', rules: {} });
    await signAll(central.folder, central.board);
    await release(central.folder, central.online, Date.now());
    for (const older of ['1.9', '1.10.0', '1', '0']) await assert.rejects(stage({ version: older, rules: { 'no-exec': { level: 'off' } } }), /a policy is never rolled back/);
    await assert.rejects(stage({ version: '1.10', rules: {} }), /published already, with this content/);
    await stage({ version: '1.11', rules: { 'no-exec': { level: 'off' } } });
    assert.deepEqual((await draftState(central.folder, 'targets'))?.changes.slice(1), ['policy.json, version: "1.10" → "1.11"', 'policy.json, rules.no-exec.level: "off"']);
    // A draft by hand, signed by the whole board, that brings an older one.
    const older = Buffer.from('{"version":"1.2","rules":{}}');
    await stageTarget(central.folder, 'targets', 'policy.json', older, { status: 'published', ring: 'all', publishedAt: new Date().toISOString() }, Date.now());
    await signAll(central.folder, central.board);
    const { published, waiting } = await release(central.folder, central.online, Date.now());
    assert.deepEqual([published, waiting.map(({ why }) => why.slice(0, 60))], [[], ['The policy has the version 1.2, and 1.10 is published: a pol']]);
  });

  it('are refused where they could not hold', async () => {
    const central = await makeCentral();
    await assert.rejects(stageWaiver(central.folder, waiver({ expiresAt: '2020-01-01T00:00:00Z' }), Date.now()), /ends in the future/);
    await assert.rejects(stageWaiver(central.folder, waiver({ family: FAMILY, scope: { template: 'returns/damaged-goods' } }), Date.now()), /no valid "scope\.template"/);
    await assert.rejects(stagePolicy(central.folder, Buffer.from('{"rules":[]}'), Date.now()), /these mistakes/);
  });
});

describe('keys of a catalogue', () => {
  it('are not withdrawn so far that nobody could sign; a replacement goes out when everybody who remains has signed', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    const [olga, ivan, fay] = central.owners;
    await assert.rejects(changeKey(central.folder, { drop: olga.publicKey.keyId }, Date.now()), /Without this key 2 owners would be left for procure-to-pay, and 3 have to sign\. Name another in its place/);
    await assert.rejects(changeKey(central.folder, { drop: 'f'.repeat(64) }, Date.now()), /No role of this catalogue has that key/);
    const wrong = memorySigner('Theo', 'it');
    await assert.rejects(changeKey(central.folder, { drop: fay.publicKey.keyId, add: wrong.publicKey }, Date.now()), /one of finance has to sign, and no owner has that function/);
    const fresh = memorySigner('Frida', 'finance');
    assert.deepEqual(await changeKey(central.folder, { drop: fay.publicKey.keyId, add: fresh.publicKey }, Date.now()), ['targets', FAMILY]);
    await signAll(central.folder, central.board);
    const half = await release(central.folder, central.online, Date.now());
    assert.deepEqual(half.published, []);
    assert.match(half.waiting.map(({ why }) => why).join(' '), /Under the new owners the list of procure-to-pay lacks signatures/);
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh', 'what is out is whole all the time');
    await signAll(central.folder, [olga, ivan, fresh]);
    assert.deepEqual([...(await release(central.folder, central.online, Date.now())).published].sort(), [FAMILY, 'targets']);
    assert.equal((await site.refresh()).state, 'fresh');
    assert.deepEqual(site.templates()[0]?.signedBy.map(({ name }) => name), ['Olga', 'Ivan', 'Frida']);
  });

  it('of the board go by the old board and the new one; sites follow over several roots', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    const site = await openSite(central);
    await site.refresh();
    let board: readonly ReturnType<typeof memorySigner>[] = central.board;
    for (let n = 0; n < 3; n += 1) {
      const fresh = memorySigner(`Board ${n}`);
      await changeKey(central.folder, { drop: board[0]!.publicKey.keyId, add: fresh.publicKey }, Date.now());
      board = [...board.slice(1), fresh];
      await signAll(central.folder, board);
      assert.deepEqual((await release(central.folder, central.online, Date.now())).published.includes('root'), true);
    }
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
    const again = await openSite(central, { home: site.home, rootFile: undefined });
    assert.equal(again.state().state, 'fresh');
    assert.deepEqual(again.signing().find(({ role }) => role === 'root')?.keyIds, board.map(({ publicKey }) => publicKey.keyId).sort());
  });

  it('cannot be the online key and one of the board at once, nor fewer than have to sign', async () => {
    const [ada, machine] = [memorySigner('Ada'), memorySigner('machine')];
    const make = (threshold: number, online: typeof ada) => makeFolder(path.join(temporary('central'), 'catalogue'), {}, (folder) => stageConstitution(folder, { board: { keys: [ada.publicKey], threshold }, online: online.publicKey, families: {} }, Date.now()));
    await assert.rejects(make(1, ada), /cannot be one of the board/);
    await assert.rejects(make(2, machine), /2 of 1 keys cannot sign/);
    const central = await makeCentral();
    await assert.rejects(release(central.folder, memorySigner('somebody'), Date.now()), /is not the online key of this catalogue/);
    await assert.rejects(stageOwners(central.folder, 'Targets', { keys: [ada.publicKey], threshold: 1 }, Date.now()), /no name of a family/);
    assert.equal(await draftState(central.folder, 'targets'), undefined);
  });

  it('that come and go are in the ledger, once, also when the process ends in between', async () => {
    const central = await makeCentral();
    const site = await openSite(central);
    const ledger = await openSqliteLedger({ home: temporary('ledger') });
    const keyEvents = async () => (await ledger.readAll(1, 1_000)).filter(({ type }) => type === 'KeyEvent').map(({ data }) => data as { role: string; added: readonly string[]; withdrawn: readonly string[] });
    const watch = () => new CatalogueWatch({ catalogue: site, siteLog: new SiteLog(ledger, { site: 'dc-1', legalEntity: 'acme' }), random: () => 0, changed: () => undefined });
    try {
      const first = watch();
      await first.refresh();
      assert.deepEqual((await keyEvents()).map(({ role }) => role).sort(), ['order-to-cash', FAMILY, 'returns', 'root', 'snapshot', 'targets', 'timestamp']);
      await watch().refresh();
      assert.equal((await keyEvents()).length, 7, 'another start finds nothing new');
      const fresh = memorySigner('new server');
      await changeKey(central.folder, { drop: central.online.publicKey.keyId, add: fresh.publicKey }, Date.now());
      await signAll(central.folder, central.board);
      await release(central.folder, fresh, Date.now());
      await first.refresh();
      const changes = (await keyEvents()).slice(7);
      assert.deepEqual(changes.map(({ role, added, withdrawn }) => [role, added, withdrawn]), ['snapshot', 'timestamp'].map((role) => [role, [fresh.publicKey.keyId], [central.online.publicKey.keyId]]));
    } finally {
      await ledger.close();
    }
  });
});

describe('a list that runs out', () => {
  it('is renewed as it is, by those who sign it, also when it has run out already', async () => {
    const central = await makeCentral({ lifetimes: { root: 20, targets: 10 } });
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    const later = Date.now() + 11 * DAY;
    await assert.rejects(release(central.folder, central.online, later), /The signed list "(targets|procure-to-pay)" ran out/);
    for (const role of ['targets', FAMILY, 'root']) await stageRenewal(central.folder, role, later);
    await assert.rejects(stageRenewal(central.folder, 'targets', later), /A draft of targets waits for signatures/);
    await assert.rejects(stageRenewal(central.folder, 'timestamp', later), /"waybill catalogue publish" renews timestamp/);
    await assert.rejects(stageRenewal(central.folder, 'returns', later), /There is no list "returns"; there are root, targets, procure-to-pay/);
    await signAll(central.folder, [...central.board, ...central.owners]);
    assert.deepEqual((await release(central.folder, central.online, later)).published, ['root', 'targets', FAMILY]);
    const site = await openSite(central, { now: () => later });
    assert.deepEqual([(await site.refresh()).state, site.templates().length], ['fresh', 1]);
    const { lists } = await report(central.folder, later);
    assert.deepEqual([lists[0]?.expires, lists.length], [[...lists].map(({ expires }) => expires).sort()[0], 5]);
  });
});

describe('the families of a catalogue', () => {
  const out = async (central: Central, signers: readonly Signer[]): Promise<Release> => {
    await signAll(central.folder, signers);
    return await release(central.folder, central.online, Date.now());
  };
  const keysOf = (signers: readonly Signer[]) => signers.map(({ publicKey }) => publicKey);

  it('get other owners; what keeps enough signatures stays, and what loses them is named', async () => {
    const central = await makeCentral();
    const [rita, rob] = central.returns;
    const rea = memorySigner('Rea');
    await stageTemplate(central.folder, packedTemplate('returns/damaged-goods', '1.0.0'), { now: Date.now() });
    await out(central, [rita, rob]);
    const more = await changeOwners(central.folder, 'returns', { keys: keysOf([rita, rob, rea]), threshold: 2 }, Date.now());
    assert.deepEqual(more, { roles: ['targets'], stay: ['Rita', 'Rob'], lose: [] });
    await out(central, central.board);
    const others = await changeOwners(central.folder, 'returns', { keys: keysOf([rea, rob]), threshold: 2 }, Date.now());
    assert.deepEqual(others, { roles: ['targets', 'returns'], stay: ['Rob'], lose: ['returns/damaged-goods@1.0.0'] });
    assert.deepEqual((await out(central, central.board)).published, [], 'the owners before hold until the list is signed anew');
    assert.deepEqual((await out(central, [rea, rob])).published, ['targets', 'returns']);
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh');
    assert.deepEqual(site.template('returns/damaged-goods', '1.0.0')?.signedBy.map(({ name }) => name), ['Rea', 'Rob']);
    await assert.rejects(changeOwners(central.folder, 'returns', { keys: keysOf([rea]), threshold: 2 }, Date.now()), /2 of 1 keys cannot sign/);
  });

  it('are taken out when nothing of them is in use, without a site taking that for a rollback, and come back where they ended', async () => {
    const central = await makeCentral();
    const id = 'returns/damaged-goods';
    await stageTemplate(central.folder, packedTemplate(id, '1.0.0'), { now: Date.now() });
    await out(central, central.returns);
    const site = await openSite(central);
    await site.refresh();
    await assert.rejects(stageRemoval(central.folder, 'returns', Date.now()), /Sites may use returns\/damaged-goods@1\.0\.0\. Withdraw what is left/);
    await assert.rejects(stageRemoval(central.folder, 'no-such', Date.now()), /has no family "no-such"/);
    await stageRevocation(central.folder, { kind: 'template', id: id, version: '1.0.0' }, 'Nobody uses it.', Date.now());
    await assert.rejects(stageRemoval(central.folder, 'returns', Date.now()), /A draft of returns waits for signatures/);
    await out(central, central.returns);
    await stageRemoval(central.folder, 'returns', Date.now());
    assert.match((await draftState(central.folder, 'targets'))?.changes.join() ?? '', /who signs returns: nobody; no longer Rita/);
    await out(central, central.board);
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
    assert.deepEqual([site.templates(), site.signing().some(({ role }) => role === 'returns')], [[], false]);
    await assert.rejects(stageTemplate(central.folder, packedTemplate(id, '2.0.0'), { now: Date.now() }), /The catalogue has no family "returns"/);
    await changeOwners(central.folder, 'returns', { keys: keysOf(central.returns), threshold: 2, firstRing: 'all' }, Date.now());
    await out(central, central.board);
    await assert.rejects(stageTemplate(central.folder, packedTemplate(id, '1.0.0', 'another'), { now: Date.now() }), /published with another content; what is published never changes/);
    await stageTemplate(central.folder, packedTemplate(id, '2.0.0'), { now: Date.now() });
    assert.deepEqual((await out(central, central.returns)).published, ['returns']);
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
    assert.deepEqual(site.templates().map(({ manifest, status }) => [manifest.version, status]), [['1.0.0', 'retired'], ['2.0.0', 'published']]);
  });
});

describe('a key file', function () {
  this.timeout(90_000);

  it('opens with its passphrase alone, and not when anything in it was changed', async () => {
    const file = path.join(temporary('keys'), 'olga.key');
    const key = await createKeyFile(file, { name: 'Olga', function: 'operations' }, 'correct horse battery', 1_024);
    const signer = await openKeyFile(file, 'correct horse battery');
    assert.deepEqual(signer.publicKey, key);
    assert.equal((await signer.sign(Buffer.from('x'))).length, 64);
    await assert.rejects(openKeyFile(file, 'correct horse batterx'), (error: Error) => error instanceof KeyFileError && /passphrase is wrong, or the file was changed/.test(error.message));
    const text = readFileSync(file, 'utf8');
    assert.ok(!text.includes('PRIVATE'));
    writeFileSync(file, text.replace('"Olga"', '"Mallory"'));
    await assert.rejects(openKeyFile(file, 'correct horse battery'), /or the file was changed/);
    await assert.rejects(openKeyFile(`${file}.pub`, 'correct horse battery'), /The private key is asked for, not the \.pub file/);
    writeFileSync(file, text.replace(/"N": \d+/, '"N": 1073741824'));
    await assert.rejects(openKeyFile(file, 'correct horse battery'), /no key file/, 'a file does not decide how much memory is taken');
  });

  it('is never written over, and has no short passphrase', async () => {
    const file = path.join(temporary('keys'), 'olga.key');
    await assert.rejects(createKeyFile(file, { name: 'Olga' }, 'short', 1_024), /at least 12 characters/);
    assert.equal(existsSync(file), false);
    await createKeyFile(file, { name: 'Olga' }, 'correct horse battery', 1_024);
    await assert.rejects(createKeyFile(file, { name: 'Olga' }, 'correct horse battery', 1_024), /never written over/);
  });
});
