import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Metadata, Targets } from '@tufjs/models';
import { Delegations } from '@tufjs/models/dist/delegations.js';
import { DelegatedRole } from '@tufjs/models/dist/role.js';
import { changeKey } from '../../../src/governance/catalogue/publisher/keys.ts';
import { draftRoles } from '../../../src/governance/catalogue/publisher/folder.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { memorySigner } from '../../../src/governance/signing/memory-signer.ts';
import { tufKey } from '../../../src/governance/catalogue/owners.ts';
import type { CatalogueState } from '../../../src/governance/catalogue/site-catalogue.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { copyOf, entry, fileOf, listWith, seal, signed, treeOf } from './support/attacker.ts';
import type { Evil } from './support/attacker.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll } from './support/central.ts';
import type { Central } from './support/central.ts';

const ID = `${FAMILY}/goods-receipt`;
const DAY = 86_400_000;

/** One row of the table. */
interface Row { readonly attack: string; readonly how: string; readonly state: string; readonly code: string; readonly message: string; readonly kept: string }

const table: Row[] = [];

interface Site { readonly site: Awaited<ReturnType<typeof openSite>>; readonly central: Central }

/** A site that has verified a good catalogue with one template. */
async function goodSite(options: Parameters<typeof makeCentral>[0] = {}): Promise<Site> {
  const central = await makeCentral(options);
  await publishTemplate(central, packedTemplate(ID, '1.0.0'), options.now === undefined ? {} : { now: options.now });
  const site = await openSite(central);
  assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
  return { site, central };
}

function note(attack: string, how: string, state: CatalogueState, kept: string): void {
  table.push({ attack, how, state: state.state, code: state.state === 'refused' ? state.code : '', message: 'reason' in state ? state.reason : '', kept });
}

/** Plays an attack against a site with a good catalogue, whose source then serves what the attacker made. */
async function refused(attack: string, how: string, { site, central }: Site, evil: string, code: string, message: RegExp, now?: number): Promise<void> {
  const before = site.templates().map(({ manifest }) => `${manifest.id}@${manifest.version}`);
  const attacked = await openSite({ public: evil, rootFile: central.rootFile }, { home: site.home, ...(now === undefined ? {} : { now: () => now }) });
  const state = await attacked.refresh();
  const kept = attacked.templates().map(({ manifest }) => `${manifest.id}@${manifest.version}`);
  note(attack, how, state, kept.join(', '));
  assert.equal(state.state, 'refused', JSON.stringify(state));
  assert.equal(state.state === 'refused' && state.code, code, JSON.stringify(state));
  assert.match(state.state === 'refused' ? state.reason : '', message);
  assert.deepEqual(kept, before, 'what was verified goes on being used');
  // The line is clean again.
  if (now !== undefined) return;
  const after = await openSite(central, { home: site.home });
  assert.equal((await after.refresh()).state, 'fresh', JSON.stringify(after.state()));
}

async function serving<T>(listener: RequestListener, work: (address: string) => Promise<T>): Promise<T> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Serves a folder, but what `odd` answers itself. */
const folderServer = (folder: string, odd: (url: string, response: Parameters<RequestListener>[1]) => boolean): RequestListener => (request, response) => {
  const url = request.url ?? '';
  if (odd(url, response)) return;
  try {
    response.end(readFileSync(path.join(folder, url)));
  } catch {
    response.writeHead(404).end();
  }
};

describe('attacks on the catalogue of a site', function () {
  this.timeout(90_000);

  after(() => {
    mkdirSync(path.join(ROOT, 'test-results'), { recursive: true });
    writeFileSync(path.join(ROOT, 'test-results', 'attacks.json'), `${JSON.stringify(table, undefined, 2)}\n`);
  });

  async function withList(attack: string, how: string, make: (central: Central, evil: Evil) => Promise<Readonly<Record<string, Metadata<Targets>>>>, code: string, message: RegExp): Promise<void> {
    const place = await goodSite();
    const evil = copyOf(place.central);
    await seal(evil, place.central, await make(place.central, evil));
    await refused(attack, how, place, evil.folder, code, message);
  }

  describe('forged', () => {
    it('a whole catalogue of somebody else', async () => {
      const place = await goodSite();
      const other = await goodSite();
      await refused('forged', 'a whole catalogue, signed by other keys', place, other.central.public, 'forged', /"timestamp" is signed by keys that are not trusted for it/);
    });

    it('a list that was changed after it was signed', async () => {
      await withList('forged', 'a family\'s list changed, with the online key stolen', async (central) => {
        const tree = await treeOf(central);
        const list = tree.families.get(FAMILY)!;
        const packed = packedTemplate(ID, '6.6.6');
        const changed = listWith(list, [entry(`templates/${ID}/6.6.6.json`, packed)]);
        changed.signatures = { ...list.signatures };
        return { [FAMILY]: changed };
      }, 'forged', /was changed after Olga had signed it/);
    });

    it('a root that the board did not sign', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      const other = await makeCentral();
      await changeKey(other.folder, { drop: other.online.publicKey.keyId, add: memorySigner('another').publicKey }, Date.now());
      await signAll(other.folder, other.board);
      evil.write('metadata/2.root.json', readFileSync(path.join(other.folder.path, 'drafts', 'root.json')));
      await refused('forged', 'a next root that another board signed', place, evil.folder, 'forged', /"root" is signed by keys that are not trusted/);
    });

    it('one key under two ids', async () => {
      await withList('forged', 'one key named twice in the board\'s list, so that one person signs for two', async (central) => {
        const tree = await treeOf(central);
        const [rita] = central.returns;
        const key = tufKey(rita.publicKey);
        const twin = Object.assign(tufKey(rita.publicKey), { keyID: 'f'.repeat(64) });
        const delegations = new Delegations({ keys: { [key.keyID]: key, [twin.keyID]: twin }, roles: { returns: new DelegatedRole({ name: 'returns', keyIDs: [key.keyID, twin.keyID], threshold: 2, terminating: true, paths: ['templates/returns/*/*.json'] }) } });
        return {
          targets: await signed(listWith(tree.targets, [], { delegations }), central.board.slice(0, 2)),
          returns: await signed(new Metadata(new Targets({ version: 1, specVersion: '1.0.31', expires: tree.targets.signed.expires })), [rita]),
        };
      }, 'forged', /under an id that is not its own/);
    });
  });

  it('unsigned: lists without any signature', async () => {
    await withList('unsigned', 'a family\'s list without signatures, sealed with the online key', async (central) => ({ [FAMILY]: listWith((await treeOf(central)).families.get(FAMILY)!, []) }), 'unsigned', /"procure-to-pay" is not signed at all; it needs 3 signatures by Olga, Ivan, Fay/);
    const place = await goodSite();
    const evil = copyOf(place.central);
    evil.write('metadata/timestamp.json', JSON.stringify({ ...JSON.parse(evil.read('metadata/timestamp.json').toString()) as object, signatures: [] }));
    await refused('unsigned', 'a statement without signature', place, evil.folder, 'unsigned', /"timestamp" is not signed at all/);
  });

  it('under threshold: fewer owners than asked for', async () => {
    await withList('under threshold', 'two of the three owners have signed', async (central) => ({ [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, []), central.owners.slice(0, 2)) }), 'threshold', /has 2 valid signatures \(Olga, Ivan\); it needs 3/);
    await withList('under threshold', 'one of the board, for who owns what', async (central) => ({ targets: await signed(listWith((await treeOf(central)).targets, []), central.board.slice(0, 1)) }), 'threshold', /"targets" has 1 valid signature \(Ada\); it needs 2 signatures/);
  });

  it('without one function: three signatures, none of finance', async () => {
    await withList('without one function', 'two of operations and one of IT have signed', async (central) => {
      const empty = new Metadata(new Targets({ version: 1, specVersion: '1.0.31', expires: (await treeOf(central)).targets.signed.expires }));
      return { 'order-to-cash': await signed(empty, central.orders.slice(0, 3)) };
    }, 'function', /"order-to-cash" lacks the signature of finance/);
  });

  describe('rolled back', () => {
    it('the statement', async () => {
      const place = await goodSite();
      const old = copyOf(place.central);
      await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
      await place.site.refresh();
      await refused('rolled back', 'the whole catalogue of yesterday', place, old.folder, 'rollback', /Version 2 of "timestamp" is older than version 3/);
    });

    it('the snapshot', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      await seal(evil, place.central, {}, { snapshotVersion: 1 });
      await refused('rolled back', 'an older snapshot under a new statement, with the online key stolen', place, evil.folder, 'rollback', /Version 1 of "snapshot" is older than version 2/);
    });

    it('a family\'s list', async () => {
      const place = await goodSite();
      const old = (await treeOf(place.central)).families.get(FAMILY)!;
      await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
      await place.site.refresh();
      const evil = copyOf(place.central);
      await seal(evil, place.central, { [FAMILY]: old });
      await refused('rolled back', 'an older list of a family in a new snapshot, with the online key stolen', place, evil.folder, 'rollback', /Version 1 of "procure-to-pay" is older than version 2/);
    });

    it('a list that is left out', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      await seal(evil, place.central, {}, { drop: FAMILY });
      await refused('rolled back', 'a family left out of the snapshot, with the online key stolen', place, evil.folder, 'rollback', /no longer has the list "procure-to-pay.json"/);
    });
  });

  it('frozen: a statement that ran out is served on', async () => {
    const place = await goodSite();
    await refused('frozen', 'nothing newer is let through for 15 days', place, place.central.public, 'frozen', /ran out on .*: central has not renewed it .*, or newer ones are held back/, Date.now() + 15 * DAY);
    const past = Date.now() - 20 * DAY;
    const old = await makeCentral({ now: past });
    const site = await openSite(old);
    const state = await site.refresh();
    note('frozen', 'a site that sees the catalogue for the first time is shown an old one', state, '');
    assert.equal(state.state === 'refused' && state.code, 'frozen', JSON.stringify(state));
  });

  describe('mixed and matched', () => {
    it('a snapshot of another release', async () => {
      const place = await goodSite();
      const old = place.central.public;
      const before = readFileSync(path.join(old, 'metadata', '2.snapshot.json'));
      await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
      const evil = copyOf(place.central);
      evil.write('metadata/3.snapshot.json', before);
      await refused('mixed and matched', 'the snapshot of one release under the statement of another', place, evil.folder, 'mismatch', /"snapshot" is version 2, and version 3 was announced: parts of different releases are mixed/);
    });

    it('a list of another release', async () => {
      const place = await goodSite();
      const before = readFileSync(path.join(place.central.public, 'metadata', `1.${FAMILY}.json`));
      await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
      const evil = copyOf(place.central);
      evil.write(`metadata/2.${FAMILY}.json`, before);
      await refused('mixed and matched', 'a family\'s list of another release', place, evil.folder, 'mismatch', /"procure-to-pay" is version 1, and version 2 was announced/);
    });
  });

  describe('swapped target', () => {
    it('the file of another version', async () => {
      const place = await goodSite();
      await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
      const evil = copyOf(place.central);
      const [one, two] = ['1.0.0', '1.1.0'].map((version) => readdirSync(path.join(evil.folder, 'targets/templates', ID)).find((name) => name.endsWith(`.${version}.json`)) ?? '');
      const bytes = evil.read(`targets/templates/${ID}/${one ?? ''}`);
      evil.write(`targets/templates/${ID}/${two ?? ''}`, bytes);
      await refused('swapped target', 'the content of one version under the name of another', place, evil.folder, 'mismatch', /The file templates\/procure-to-pay\/goods-receipt\/1\.1\.0\.json is not the one that was signed/);
    });

    it('a template that says it is another one, although signed', async () => {
      const content = packedTemplate(ID, '1.0.0');
      await withList('swapped target', 'owners are tricked into signing one template as another', async (central, evil) => {
        const target = entry(`templates/${ID}/2.0.0.json`, content);
        evil.write(fileOf(target), content);
        return { [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [target]), central.owners) };
      }, 'mismatch', /2\.0\.0\.json holds procure-to-pay\/goods-receipt@1\.0\.0/);
    });
  });

  it('expired: a list that ran out under a good statement', async () => {
    const place = await goodSite({ lifetimes: { targets: 2 } });
    await refused('expired', 'owners\' lists of which the time is over', place, place.central.public, 'expired', /"targets" ran out on/, Date.now() + 3 * DAY);
  });

  describe('revoked key', () => {
    it('of an owner', async () => {
      const place = await goodSite();
      const { central } = place;
      const [olga, ivan, fay] = central.owners;
      const fresh = memorySigner('Olivia', 'operations');
      await changeKey(central.folder, { drop: olga.publicKey.keyId, add: fresh.publicKey }, Date.now());
      await signAll(central.folder, [...central.board, fresh, ivan, fay]);
      assert.deepEqual([...(await release(central.folder, central.online, Date.now())).published].sort(), [FAMILY, 'targets']);
      await place.site.refresh();
      const evil = copyOf(central);
      const list = (await treeOf(central)).families.get(FAMILY)!;
      await seal(evil, central, { [FAMILY]: await signed(listWith(list, []), [olga, ivan, fay]) });
      await refused('revoked key', 'an owner\'s key that was withdrawn signs on', place, evil.folder, 'revoked-key', /signed with a key of Olga that was withdrawn/);
    });

    it('of the machine', async () => {
      const place = await goodSite();
      const { central } = place;
      const fresh = memorySigner('new server');
      await changeKey(central.folder, { drop: central.online.publicKey.keyId, add: fresh.publicKey }, Date.now());
      await signAll(central.folder, central.board);
      await release(central.folder, fresh, Date.now());
      await place.site.refresh();
      const evil = copyOf(central);
      await seal(evil, central, {});
      await refused('revoked key', 'the online key that was withdrawn signs on', place, evil.folder, 'revoked-key', /"timestamp" is signed with a key of catalogue server that was withdrawn/);
    });

    it('is not trusted again when the rest of the update with which it went was refused', async () => {
      const place = await goodSite();
      const { central } = place;
      const before = copyOf(central);
      const fresh = memorySigner('new server');
      await changeKey(central.folder, { drop: central.online.publicKey.keyId, add: fresh.publicKey }, Date.now());
      await signAll(central.folder, central.board);
      await release(central.folder, fresh, Date.now());
      const evil = copyOf(central);
      await seal(evil, central, {});
      await refused('revoked key', 'the new root, and all else by the old key', place, evil.folder, 'revoked-key', /catalogue server/);
      // Somebody hides the new root again.
      await seal(before, central, {});
      await refused('revoked key', 'the new root hidden again, all else by the old key', place, before.folder, 'revoked-key', /catalogue server/);
    });
  });

  describe('oversized metadata and endless data', () => {
    it('in a folder', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      evil.write('metadata/timestamp.json', Buffer.alloc(50 * 1_048_576, ' '));
      await refused('oversized metadata', 'a statement of 50 MiB', place, evil.folder, 'too-large', /timestamp\.json is larger than the 16384 bytes that are allowed/);
    });

    it('a stream without an end', async () => {
      const place = await goodSite();
      await serving(folderServer(place.central.public, (url, response) => {
        if (!url.endsWith('timestamp.json')) return false;
        const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536, '['))); };
        response.on('drain', more);
        more();
        return true;
      }), (address) => refused('endless data', 'a statement that never ends', place, address, 'too-large', /not read to its end/));
    });

    it('a list that is signed', async () => {
      await withList('oversized metadata', 'a signed list of 1.5 MiB', async (central) => {
        const list = (await treeOf(central)).families.get(FAMILY)!;
        const many = Array.from({ length: 1_200 }, (_, n) => entry(`templates/${ID}/9.0.${n}-${'x'.repeat(1_000)}.json`, Buffer.from(String(n))));
        return { [FAMILY]: await signed(listWith(list, many), central.owners) };
      }, 'too-large', /larger than/);
    });

    it('a template that is announced too large', async () => {
      await withList('oversized metadata', 'a template announced with 5 GiB', async (central) => ({
        [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [entry(`templates/${ID}/9.0.0.json`, Buffer.from('x'), 5 * 2 ** 30)]), central.owners),
      }), 'too-large', /announced with 5368709120 bytes/);
    });

    it('an answer that drips', async () => {
      const { site, central } = await goodSite();
      await serving(folderServer(central.public, (url, response) => {
        if (!url.endsWith('timestamp.json')) return false;
        const timer = setInterval(() => { response.write(' '); }, 50);
        response.on('close', () => { clearInterval(timer); });
        return true;
      }), async (address) => {
        const slow = await openSite({ public: address, rootFile: central.rootFile }, { home: site.home, timeoutMs: 600 });
        const state = await slow.refresh();
        note('endless data', 'an answer that drips byte by byte', state, slow.templates().map(({ manifest }) => manifest.id).join());
        assert.equal(state.state, 'stale', JSON.stringify(state));
        assert.match(state.state === 'stale' ? state.reason : '', /no answer within 1 s/);
        assert.equal(slow.templates().length, 1);
      });
    });
  });

  describe('path traversal in a target name', () => {
    for (const name of ['../../../../etc/passwd', `templates/${FAMILY}/../../evil.json`, `templates/${ID}/..%2f..%2fx.json`, '/etc/passwd', 'templates\\x\\y\\1.0.0.json', 'constructor', `templates/${ID}/1.0.0.json\u0000.txt`]) {
      it(JSON.stringify(name), async () => {
        await withList('path traversal in a target name', JSON.stringify(name), async (central) => ({ [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [entry(name, Buffer.from('x'))]), central.owners) }), 'name', /which is none of a catalogue's/);
      });
    }

    it('a name of another family, and the policy', async () => {
      for (const name of ['templates/returns/damaged-goods/1.0.0.json', 'policy.json', 'waivers/board-only.json']) {
        await withList('a family that gives what is not its own', name, async (central) => ({ [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [entry(name, Buffer.from('{}'))]), central.owners) }), 'name', /whose signers may not give it/);
      }
    });

    it('a role whose name is a path', async () => {
      await withList('path traversal in a role name', 'a family named ../../x', async (central) => {
        const tree = await treeOf(central);
        const { keys, roles } = tree.targets.signed.delegations!;
        const evilRole = new DelegatedRole({ name: '../../x', keyIDs: Object.keys(keys).slice(0, 1), threshold: 1, terminating: true, paths: ['templates/*/*/*.json'] });
        return { targets: await signed(listWith(tree.targets, [], { delegations: new Delegations({ keys, roles: { ...roles, '../../x': evilRole } }) }), central.board.slice(0, 2)) };
      }, 'name', /"\.\.\/\.\.\/x" is no name of a family/);
    });
  });

  describe('zip and JSON bombs', () => {
    it('a small answer that unpacks to 200 MiB', async () => {
      const place = await goodSite();
      const bomb = gzipSync(Buffer.alloc(200 * 1_048_576, ' '));
      await serving(folderServer(place.central.public, (url, response) => {
        if (!url.endsWith('timestamp.json')) return false;
        response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }).end(bomb);
        return true;
      }), (address) => refused('zip bomb', `${bomb.length} bytes that unpack to 200 MiB`, place, address, 'too-large', /not read to its end/));
    });

    it('metadata that is nested without end', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      evil.write('metadata/timestamp.json', `{"signed":${'['.repeat(8_000)}${']'.repeat(8_000)},"signatures":[]}`);
      await refused('JSON bomb', 'a statement of 8,000 levels', place, evil.folder, 'malformed', /nested 8001 levels deep; 100 are allowed/);
    });

    it('a signed template that is nested without end', async () => {
      const bomb = Buffer.from(`{"manifest":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`);
      await withList('JSON bomb', 'a signed template of a million levels', async (central, evil) => {
        const target = entry(`templates/${ID}/2.0.0.json`, bomb);
        evil.write(fileOf(target), bomb);
        return { [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [target]), central.owners) };
      }, 'malformed', /nested deeper than 100 levels/);
    });

    it('a member that reaches for the prototype', async () => {
      const place = await goodSite();
      const evil = copyOf(place.central);
      await seal(evil, place.central, {});
      evil.write('metadata/timestamp.json', evil.read('metadata/timestamp.json').toString().replace('{', '{"__proto__":{"x":1},'));
      await refused('JSON bomb', 'a statement with the member __proto__', place, evil.folder, 'malformed', /member "__proto__"/);
      await withList('JSON bomb', 'a signed file with the name __proto__', async (central) => ({ [FAMILY]: await signed(listWith((await treeOf(central)).families.get(FAMILY)!, [entry('__proto__', Buffer.from('x'))]), central.owners) }), 'malformed', /member "__proto__"/);
    });
  });

  describe('tampered cache', () => {
    const folderOf = (site: Site['site']): string => path.join(site.home, 'catalogue');
    const generation = (site: Site['site']): string => path.join(folderOf(site), 'generations', readdirSync(path.join(folderOf(site), 'generations'))[0] ?? '');

    async function tampered(how: string, change: (site: Site['site']) => void, message: RegExp): Promise<void> {
      const { site, central } = await goodSite();
      change(site);
      const again = await openSite(central, { home: site.home, rootFile: undefined });
      note('tampered cache', how, again.state(), again.templates().map(({ manifest }) => manifest.id).join());
      const state = again.state();
      assert.equal(state.state === 'refused' && state.code, 'cache', JSON.stringify(state));
      assert.match(state.state === 'refused' ? state.reason : '', message);
      assert.deepEqual(again.templates(), []);
      const alone = await openSite(central, { home: site.home, rootFile: undefined, source: path.join(site.home, 'nowhere') });
      const still = await alone.refresh();
      assert.deepEqual([still.state, still.state === 'refused' && still.code], ['refused', 'cache'], 'a line that is down does not hide it');
      assert.equal((await again.refresh()).state, 'fresh', JSON.stringify(again.state()));
      assert.equal(again.templates().length, 1);
      assert.equal((await openSite(central, { home: site.home, rootFile: undefined })).state().state, 'fresh');
    }

    it('a template', async () => {
      await tampered('a kept template changed', (site) => {
        const file = path.join(folderOf(site), 'targets', readdirSync(path.join(folderOf(site), 'targets'))[0] ?? '');
        writeFileSync(file, readFileSync(file, 'utf8').replace('Receives goods.', 'Receives money.'));
      }, /changed \(templates\/procure-to-pay\/goods-receipt\/1\.0\.0\.json\)/);
    });

    it('a list', async () => {
      await tampered('a kept list changed', (site) => {
        const file = path.join(generation(site), `${FAMILY}.json`);
        writeFileSync(file, readFileSync(file, 'utf8').replace('"status": "published"', '"status": "retired"'));
      }, /was changed, and is not used: The list "procure-to-pay" was changed after Olga had signed it/);
    });

    it('a list that is missing', async () => {
      await tampered('a kept list taken away', (site) => { writeFileSync(path.join(generation(site), 'snapshot.json'), ''); }, /"snapshot" cannot be read/);
    });

    it('the root beside the lists', async () => {
      const other = await makeCentral();
      await tampered('another root beside the kept lists', (site) => { writeFileSync(path.join(generation(site), 'root.json'), readFileSync(other.rootFile)); }, /changed \(root\.json\)/);
    });

    it('the pointer', async () => {
      await tampered('the file that says which lists hold', (site) => { writeFileSync(path.join(folderOf(site), 'current.json'), '{"generation":"../../../../tmp/evil","checkedAt":"2026-01-01","source":"x"}'); }, /changed \(current\.json\)/);
    });

    it('everything, with a root of one\'s own: the root that was given goes before it', async () => {
      const { site, central } = await goodSite();
      const other = await goodSite();
      const mine = await openSite(other.central, { home: other.site.home });
      assert.equal(mine.templates().length, 1);
      const swapped = await openSite(central, { home: other.site.home });
      const state = swapped.state();
      note('tampered cache', 'the whole kept copy exchanged for another catalogue\'s', state, '');
      assert.equal(state.state === 'refused' && state.code, 'cache', JSON.stringify(state));
      assert.deepEqual(swapped.templates(), []);
      assert.equal((await swapped.refresh()).state, 'fresh', JSON.stringify(swapped.state()));
      assert.equal(site.templates().length, 1);
    });
  });

  it('no root, or a file that is none', async () => {
    const { central } = await goodSite();
    const without = await openSite(central, { rootFile: undefined });
    const state = await without.refresh();
    note('no root', 'a site that was never given one', state, '');
    assert.equal(state.state === 'refused' && state.code, 'root');
    assert.match(state.state === 'refused' ? state.reason : '', /WAYBILL_CATALOGUE_ROOT/);
    const missing = await openSite(central, { rootFile: path.join(central.public, 'nowhere.json') });
    const lost = await missing.refresh();
    assert.match(lost.state === 'refused' ? lost.reason : '', /cannot be read/);
  });

  it('a file that is missing', async () => {
    const place = await goodSite();
    await publishTemplate(place.central, packedTemplate(ID, '1.1.0'));
    const evil = copyOf(place.central);
    evil.remove(`metadata/2.${FAMILY}.json`);
    await refused('missing', 'a list that is kept back', place, evil.folder, 'missing', /lacks metadata\/2\.procure-to-pay\.json, which its signed list names/);
    assert.deepEqual(await draftRoles(place.central.folder), []);
  });
});
