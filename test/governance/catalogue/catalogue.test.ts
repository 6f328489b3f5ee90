import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { draftState } from '../../../src/governance/catalogue/publisher/drafts.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageTemplate } from '../../../src/governance/catalogue/publisher/stage.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll } from './support/central.ts';

const ID = `${FAMILY}/goods-receipt`;

describe('a catalogue from central to a site', () => {
  it('brings a template that its owners have signed to a site, from a folder', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh');
    const [template, ...others] = site.templates();
    assert.deepEqual(others, []);
    assert.equal(template?.manifest.id, ID);
    assert.equal(template?.status, 'published');
    assert.deepEqual(template?.signedBy.map(({ name }) => name), ['Olga', 'Ivan', 'Fay']);
    assert.equal(site.template(ID, '1.0.0')?.flow.length, 2);
    assert.equal(site.template(ID, '2.0.0'), undefined);
  });

  it('goes on with what it keeps when the line is down, and says so', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    const first = await openSite(central);
    await first.refresh();
    const again = await openSite(central, { home: first.home, source: path.join(central.public, 'nowhere'), rootFile: undefined });
    assert.equal(again.templates().length, 1);
    const state = await again.refresh();
    assert.equal(state.state, 'stale');
    assert.match(state.state === 'stale' ? state.reason : '', /There is no catalogue at/);
    assert.equal(again.templates().length, 1);
  });

  it('puts nothing out that lacks the signature of one function, whatever their number', async () => {
    const central = await makeCentral();
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { ring: 'all', now: Date.now() });
    await signAll(central.folder, central.owners.slice(0, 2));
    assert.deepEqual((await draftState(central.folder, FAMILY))?.missingFunctions, ['finance']);
    const { published, waiting } = await release(central.folder, central.online, Date.now());
    assert.deepEqual(published, []);
    assert.deepEqual(waiting.map(({ role }) => role), [FAMILY]);
    const served = readdirSync(path.join(central.public, 'metadata'));
    assert.deepEqual(served.filter((name) => name.includes(FAMILY)), []);
    assert.equal(existsSync(path.join(central.public, 'targets')), false);
    await signAll(central.folder, central.owners.slice(2));
    assert.deepEqual((await release(central.folder, central.online, Date.now())).published, [FAMILY]);
  });
});
