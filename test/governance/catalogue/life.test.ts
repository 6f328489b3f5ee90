import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CatalogueWatch } from '../../../src/engine/governance/catalogue-watch.ts';
import { SiteLog } from '../../../src/engine/site-log.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { draftState } from '../../../src/governance/catalogue/publisher/drafts.ts';
import { makeFolder } from '../../../src/governance/catalogue/publisher/folder.ts';
import { changeKey, stageOwners } from '../../../src/governance/catalogue/publisher/keys.ts';
import { stageConstitution } from '../../../src/governance/catalogue/publisher/owners.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { report } from '../../../src/governance/catalogue/publisher/report.ts';
import { stageDeprecation, stagePolicy, stagePromotion, stageRevocation, stageTemplate, stageWaiver } from '../../../src/governance/catalogue/publisher/stage.ts';
import type { Waiver } from '../../../src/governance/catalogue/site-catalogue.ts';
import { memorySigner } from '../../../src/governance/signing/memory-signer.ts';
import { createKeyFile, KeyFileError, openKeyFile } from '../../../src/governance/signing/key-file.ts';
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
    await stageDeprecation(central.folder, ID, '1.0.0', { sunset: dayIn(10), reason: 'Use 2.0.0.', now: Date.now() });
    const site = await openSite(central);
    await site.refresh();
    assert.equal(site.template(ID, '1.0.0')?.status, 'published', 'nobody has signed the end yet');
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.deepEqual([site.template(ID, '1.0.0')?.status, site.template(ID, '1.0.0')?.sunset, site.template(ID, '1.0.0')?.reason], ['deprecated', dayIn(10), 'Use 2.0.0.']);
    const later = await openSite(central, { home: site.home, source: undefined, now: () => Date.now() + 11 * DAY });
    assert.equal(later.template(ID, '1.0.0')?.status, 'retired');
    await assert.rejects(stageDeprecation(central.folder, ID, '1.0.0', { sunset: '2027-02-30', now: Date.now() }), /write a day as 2027-06-30/);
    for (const days of [-1, 0]) await assert.rejects(stageDeprecation(central.folder, ID, '1.0.0', { sunset: dayIn(days), now: Date.now() }), /has passed; name a day from tomorrow on/);
    assert.equal((await stageDeprecation(central.folder, ID, '1.0.0', { sunset: dayIn(1), now: Date.now() })).sunset, dayIn(1));
  });

  it('is withdrawn at once, with a reason', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    await stageRevocation(central.folder, ID, '1.0.0', 'It books twice.', Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const site = await openSite(central);
    await site.refresh();
    assert.deepEqual([site.template(ID, '1.0.0')?.status, site.template(ID, '1.0.0')?.reason], ['retired', 'It books twice.']);
    await assert.rejects(stageRevocation(central.folder, ID, '9.0.0', 'x', Date.now()), /The catalogue has no procure-to-pay\/goods-receipt@9\.0\.0/);
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
      await stagePromotion(central.folder, ID, '1.0.0', ring, Date.now());
      await signAll(central.folder, central.owners);
      await release(central.folder, central.online, Date.now());
      assert.deepEqual(await seen(), expected);
    }
    await assert.rejects(stagePromotion(central.folder, ID, '1.0.0', 'pilot', Date.now()), /out for "all" already/);
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

  it('are refused where they could not hold', async () => {
    const central = await makeCentral();
    await assert.rejects(stageWaiver(central.folder, waiver({ expiresAt: '2020-01-01T00:00:00Z' }), Date.now()), /ends in the future/);
    await assert.rejects(stageWaiver(central.folder, waiver({ family: FAMILY, scope: { template: 'returns/damaged-goods' } }), Date.now()), /no valid "scope\.template"/);
    await assert.rejects(stagePolicy(central.folder, Buffer.from('{"rules":[]}'), Date.now()), /says no version/);
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

describe('a key file', function () {
  this.timeout(30_000);

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
