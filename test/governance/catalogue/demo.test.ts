import assert from 'node:assert/strict';
import { appendFileSync, cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { demoCatalogue } from '../../../src/governance/catalogue/demo.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { openSite, temporary } from './support/central.ts';

describe('the demo catalogue', function () {
  // Two dozen lists are signed one after the other, and a busy machine takes its time.
  this.timeout(120_000);

  const log = (text: string): void => { assert.fail(text); };

  it('holds every template and service of the repository, signed, and renews itself', async () => {
    const folder = temporary('demo');
    const services = path.join(ROOT, 'services');
    const made = await demoCatalogue(folder, path.join(ROOT, 'templates'), { now: Date.now(), services, log });
    assert.ok(made !== undefined && made.published.includes('procure-to-pay/goods-receipt@1.2.0'));
    const site = await openSite({ public: made.source, rootFile: made.rootFile });
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
    assert.ok(made.published.includes('service erp/goods-receipt@1.1.0'));
    assert.deepEqual([...site.templates().map(({ manifest }) => `${manifest.id}@${manifest.version}`), ...site.services().map(({ definition }) => `service ${definition.id}@${definition.version}`)].sort(), [...made.published].sort());
    assert.ok([...site.templates(), ...site.services()].every(({ ring }) => ring === 'all'), 'taken through the rings, one after the other');
    const policy = site.policy();
    assert.deepEqual([policy?.version, policy?.releases?.firstRing, Object.keys(policy?.changeQuorum ?? {}).length], ['1', 'test', 5]);
    assert.ok(Object.keys(policy?.modules ?? {}).length > 0);
    const again = await demoCatalogue(folder, path.join(ROOT, 'templates'), { now: Date.now(), services, log });
    assert.deepEqual(again?.published, []);
    await demoCatalogue(folder, path.join(ROOT, 'templates'), { now: Date.now() + 25 * 86_400_000, services, log });
    const later = await openSite({ public: made.source, rootFile: made.rootFile }, { home: site.home, now: () => Date.now() + 34 * 86_400_000 });
    assert.equal(later.state().state, 'stale');
    assert.equal((await later.refresh()).state, 'fresh');
  });

  it('publishes a template that was changed, also after it was cut off', async () => {
    const [folder, templates] = [temporary('demo'), temporary('templates')];
    cpSync(path.join(ROOT, 'templates', 'procure-to-pay', 'goods-receipt'), path.join(templates, 'procure-to-pay', 'goods-receipt'), { recursive: true });
    await demoCatalogue(folder, templates, { now: Date.now(), log });
    const demo = await demoCatalogue(folder, templates, { now: Date.now(), log });
    assert.ok(demo !== undefined);
    const site = await openSite({ public: demo.source, rootFile: demo.rootFile });
    await site.refresh();
    const before = site.templates()[0]?.readme;
    appendFileSync(path.join(templates, 'procure-to-pay', 'goods-receipt', 'README.md'), '\nOne line more.\n');
    // As if the machine had stopped between the lists and the statement.
    const changed = await demoCatalogue(folder, templates, { now: Date.now(), log });
    assert.equal(changed?.published.length, 1);
    await site.refresh();
    assert.notEqual(site.templates()[0]?.readme, before);
  });

  it('is none where there is no template', async () => {
    const empty = temporary('templates');
    assert.equal(await demoCatalogue(temporary('demo'), empty, { now: Date.now(), log }), undefined);
    rmSync(empty, { recursive: true });
    assert.equal(await demoCatalogue(temporary('demo'), empty, { now: Date.now(), log }), undefined);
  });
});
