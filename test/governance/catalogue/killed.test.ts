import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { demoCatalogue } from '../../../src/governance/catalogue/demo.ts';
import { holdFolder } from '../../../src/governance/lock.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, temporary } from './support/central.ts';

const WORKER = path.join(import.meta.dirname, 'support', 'worker.ts');
const KILLS = 5;

/** Lets a worker work, and kills it with SIGKILL somewhere in the middle. */
async function workAndKill(args: readonly string[], said: string[]): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [WORKER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve) => { child.stdout!.once('data', () => { resolve(); }); });
  child.stdout!.on('data', (data: Buffer) => said.push(...data.toString('utf8').split('\n').filter((line) => line !== '')));
  await Promise.race([ready, ended]);
  await setTimeout(60 + Math.random() * 500);
  child.kill('SIGKILL');
  await ended;
}

describe('a catalogue that is killed in the middle', function () {
  this.timeout(120_000);

  it('leaves a site with one verified state or the other', async () => {
    const central = await makeCentral();
    const id = `${FAMILY}/goods-receipt`;
    await publishTemplate(central, packedTemplate(id, '1.0.0'));
    const site = await openSite(central);
    await site.refresh();
    const said: string[] = [];
    for (let n = 1; n <= KILLS; n += 1) {
      await publishTemplate(central, packedTemplate(id, `1.${n}.0`));
      await workAndKill(['site', site.home, central.rootFile, central.public], said);
      const again = await openSite(central, { home: site.home });
      assert.equal(again.state().state, 'fresh', JSON.stringify(again.state()));
      assert.ok(again.templates().length >= n, `${again.templates().length} of ${n + 1}`);
      assert.equal((await again.refresh()).state, 'fresh', JSON.stringify(again.state()));
      assert.equal(again.templates().length, n + 1);
      assert.deepEqual(readdirSync(path.join(site.home, 'catalogue')).filter((name) => name === 'work' || name === 'lock'), [], 'nothing is left over');
    }
    assert.deepEqual(said.filter((line) => !/^(ready|fresh \d+)$/.test(line)), []);
  });

  it('leaves what central serves whole, and the next publication goes on', async () => {
    const [folder, templates] = [temporary('demo'), temporary('templates')];
    const template = path.join(templates, 'procure-to-pay', 'goods-receipt');
    cpSync(path.join(ROOT, 'templates', 'procure-to-pay', 'goods-receipt'), template, { recursive: true });
    const demo = await demoCatalogue(folder, templates, { now: Date.now(), log: assert.fail });
    assert.ok(demo !== undefined);
    const site = await openSite({ public: demo.source, rootFile: demo.rootFile });
    const said: string[] = [];
    for (let n = 1; n <= KILLS; n += 1) {
      await workAndKill(['publish', folder, templates, path.join(template, 'README.md')], said);
      assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
      await demoCatalogue(folder, templates, { now: Date.now(), log: assert.fail });
      assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
      assert.equal(site.templates().length, 1);
    }
    assert.deepEqual(said.filter((line) => line !== 'ready' && line !== 'published'), []);
  });

  it('is made from the beginning when it was cut off in the very first release', async () => {
    const [folder, templates] = [temporary('demo'), temporary('templates')];
    const template = path.join(templates, 'procure-to-pay', 'goods-receipt');
    cpSync(path.join(ROOT, 'templates', 'procure-to-pay', 'goods-receipt'), template, { recursive: true });
    for (let n = 0; n < 4; n += 1) {
      const said: string[] = [];
      await workAndKill(['publish', folder, templates, path.join(template, 'README.md')], said);
      assert.deepEqual(said.filter((line) => line !== 'ready' && line !== 'published'), []);
    }
    const demo = await demoCatalogue(folder, templates, { now: Date.now(), log: assert.fail });
    const site = await openSite({ public: demo!.source, rootFile: demo!.rootFile });
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
  });
});

describe('two processes at one kept copy', () => {
  it('update one after the other: who comes second reads what the first keeps', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.0.0'));
    const one = await openSite(central);
    await one.refresh();
    const release = await holdFolder(path.join(one.home, 'catalogue', 'lock'));
    assert.ok(release !== undefined);
    const two = await openSite(central, { home: one.home });
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.1.0'));
    assert.equal((await two.refresh()).state, 'fresh');
    assert.equal(two.templates().length, 1, 'the other one updates');
    await release();
    await two.refresh();
    assert.equal(two.templates().length, 2);
  });

  it('never take a copy that was put in place meanwhile for one that was changed', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.0.0'));
    const writer = await openSite(central);
    await writer.refresh();
    let done = false;
    const writing = (async () => {
      for (let n = 0; n < 12; n += 1) await writer.refresh();
      done = true;
    })();
    let looks = 0;
    while (!done) {
      const reader = await openSite(central, { home: writer.home });
      assert.equal(reader.state().state, 'fresh', JSON.stringify(reader.state()));
      assert.equal(reader.templates().length, 1);
      looks += 1;
    }
    await writing;
    assert.ok(looks > 3);
  });

  it('take over the lock of a dead process, also one that had the same id', async () => {
    const folder = temporary('lock');
    const lock = path.join(folder, 'lock');
    for (const content of [JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname(), token: 'x' }), JSON.stringify({ pid: process.pid, host: (await import('node:os')).hostname(), token: 'before the restart' })]) {
      writeFileSync(lock, content);
      const release = await holdFolder(lock);
      assert.ok(release !== undefined, content);
      assert.equal(await holdFolder(lock), undefined, 'and hold it');
      await release();
    }
    const host = (await import('node:os')).hostname();
    // Its id belongs to another process by now, and to one that was killed and that nobody has taken notice of yet.
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, host, token: 'x', started: '1' }));
    await (await holdFolder(lock))?.();
    assert.equal(existsSync(lock), false);
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, host, token: 'x' }));
    assert.equal(await holdFolder(lock), undefined, 'a holder that answers is believed');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host, token: 'x', world: 'pid:[1]' }));
    assert.equal(await holdFolder(lock), undefined, 'the ids of another container say nothing here');
    utimesSync(lock, new Date(Date.now() - 40_000), new Date(Date.now() - 40_000));
    const taken = await holdFolder(lock);
    assert.ok(taken !== undefined, 'but its silence does');
    await taken();
    writeFileSync(lock, JSON.stringify({ pid: 1, host: 'another machine', token: 'x' }));
    assert.equal(await holdFolder(lock), undefined, 'a holder on another machine is believed for a while');
  });
});
