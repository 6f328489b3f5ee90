import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageDeprecation } from '../../../src/governance/catalogue/publisher/stage.ts';
import { UpdateFailed, notKept } from '../../../src/governance/catalogue/site/update.ts';
import { shownSource } from '../../../src/governance/catalogue/site/source.ts';
import { holdFolder } from '../../../src/governance/lock.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll, temporary } from './support/central.ts';
import type { Central } from './support/central.ts';

const ID = `${FAMILY}/goods-receipt`;
const DAY = 86_400_000;

async function serving(listener: RequestListener, work: (address: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a site whose catalogue is somewhere it cannot rely on', () => {
  let central: Central;
  before(async () => {
    central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
  });

  const served = (url: string | undefined): Buffer | undefined => {
    try {
      return readFileSync(path.join(central.public, decodeURIComponent(url ?? '')));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
      return undefined;
    }
  };
  async function kept(): Promise<string> {
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh');
    return site.home;
  }

  for (const [what, listener] of Object.entries<RequestListener>({
    'a network that asks to sign in': (_, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('\n<!DOCTYPE html><title>Welcome</title>'); },
    'a server that answers its start page to what is not there': (request, response) => { response.end(served(request.url) ?? '<html>app</html>'); },
  })) {
    it(`says that a web page came, and goes on: ${what}`, async () => {
      const home = await kept();
      await serving(listener, async (address) => {
        const site = await openSite({ public: address, rootFile: central.rootFile }, { home });
        const state = await site.refresh();
        assert.equal(state.state, 'stale', JSON.stringify(state));
        assert.match(state.state === 'stale' ? state.reason : '', /answers metadata\/2\.root\.json with a web page instead of a file: a sign-in page or a proxy/);
        assert.equal(site.templates().length, 1);
      });
    });
  }

  it('signs in at the address with the name and password that it has, and tells nobody', async () => {
    const secret = 'p%40ss w/rd'.replace(' ', '%20').replace('/', '%2F');
    await serving((request, response) => {
      const bytes = request.headers.authorization === `Basic ${Buffer.from('site:p@ss w/rd').toString('base64')}` ? served(request.url) : Buffer.alloc(0);
      response.writeHead(bytes === undefined ? 404 : bytes.length === 0 ? 401 : 200).end(bytes);
    }, async (address) => {
      const site = await openSite({ public: address.replace('//', `//site:${secret}@`), rootFile: central.rootFile });
      const state = await site.refresh();
      assert.equal(state.state, 'fresh', JSON.stringify(state));
      const wrong = await openSite({ public: address.replace('//', '//site:wr@ng@'), rootFile: central.rootFile });
      const text = JSON.stringify([state, await wrong.refresh(), site.said, wrong.said]);
      assert.match(text, /answers 401/);
      assert.doesNotMatch(text, /p%40|p@ss|wr@ng|ng@/);
    });
    assert.equal(shownSource('https://a:b@c@host/x?token=d#e'), 'https://host/x');
  });

  for (const source of ['http://', 'https:/templates.example.com', 'https://templates.example.com/?sig=abc', 'ftp://x/y']) {
    it(`says in a sentence that this is no place for a catalogue: ${source}`, async () => {
      const state = await (await openSite({ ...central, public: source })).refresh();
      assert.equal(state.state === 'refused' && state.code, 'root');
      assert.match(state.state === 'refused' ? state.reason : '', /^WAYBILL_CATALOGUE is .*(it is a folder, or an address such as|Serve the folder "public")/);
    });
  }

  it('takes a home folder that has no room for no fault of the catalogue', async () => {
    const home = await kept();
    rmSync(path.join(home, 'catalogue', 'work'), { recursive: true, force: true });
    writeFileSync(path.join(home, 'catalogue', 'work'), '');
    const site = await openSite(central, { home });
    const state = await site.refresh();
    assert.match(state.state === 'stale' ? state.reason : state.state, /^What was fetched could not be kept in .*catalogue: /);
    assert.equal(site.templates().length, 1);
    rmSync(path.join(home, 'catalogue', 'work'));
    assert.equal((await site.refresh()).state, 'fresh');
    for (const error of [Object.assign(new Error('x'), { code: 'ENOSPC' }), Object.assign(new Error('Failed to persist metadata snapshot error: Error: ENOSPC: no space left'), { name: 'PersistError' })]) {
      assert.match(notKept(error, '/home')?.message ?? '', /there is no room on the disk/);
    }
    assert.equal(notKept(new UpdateFailed(new Error('x') as never, { roots: [] }), '/home'), undefined);
  });

  for (const spoilt of ['current.json', 'targets', 'generations']) {
    it(`opens with a kept copy that is none, and says so: ${spoilt}`, async () => {
      const home = await kept();
      const file = path.join(home, 'catalogue', spoilt);
      rmSync(file, { recursive: true });
      if (spoilt === 'current.json') mkdirSync(file);
      else writeFileSync(file, '');
      const state = (await openSite(central, { home })).state();
      assert.equal(state.state === 'refused' && state.code, 'cache', JSON.stringify(state));
      assert.match(state.state === 'refused' ? state.reason : '', /delete that folder: it is fetched anew/);
    });
  }

  it('believes no clock that was set back: what is retired stays so', async () => {
    const place = await makeCentral();
    await publishTemplate(place, packedTemplate(ID, '1.0.0'));
    const tomorrow = new Date(Date.now() + DAY).toISOString().slice(0, 10);
    await stageDeprecation(place.folder, { kind: 'template', id: ID, version: '1.0.0' }, { sunset: tomorrow, now: Date.now() });
    await signAll(place.folder, place.owners);
    await release(place.folder, place.online, Date.now());
    let now = Date.now() + 2 * DAY;
    const site = await openSite(place, { now: () => now });
    assert.equal((await site.refresh()).state, 'fresh');
    assert.equal(site.template(ID, '1.0.0')?.status, 'retired');
    now = Date.now();
    const back = await openSite(place, { home: site.home, now: () => now });
    for (const state of [back.state(), await back.refresh()]) {
      assert.match(state.state === 'stale' ? state.reason : state.state, /^The clock of this machine shows .*, and the catalogue was looked at on .*: one of the two was wrong\. Set it right/);
      assert.equal(back.template(ID, '1.0.0')?.status, 'retired');
    }
    now += 2 * DAY + 1_000;
    assert.equal((await back.refresh()).state, 'fresh');
  });
});

describe('the lock of a home folder', () => {
  it('is taken over where the process id is another program\'s by now', async () => {
    const lock = path.join(temporary('lock'), 'lock');
    for (const [content, age, taken] of [
      [{ pid: 1, host: hostname(), token: 'x' }, 0, false], [{ pid: 1, host: hostname(), token: 'x' }, 4, true],
      // The clock has been set back since.
      [{ pid: 1, host: hostname(), token: 'x' }, -60, true], [{ pid: 1, host: 'another machine', token: 'x' }, 4, true],
    ] as const) {
      writeFileSync(lock, JSON.stringify(content));
      const touched = new Date(Date.now() - age * 60_000);
      utimesSync(lock, touched, touched);
      const letGo = await holdFolder(lock);
      assert.equal(letGo !== undefined, taken, JSON.stringify([content, age]));
      await letGo?.();
      rmSync(lock, { force: true });
    }
  });
});
