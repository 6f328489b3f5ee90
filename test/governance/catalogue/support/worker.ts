/** Works without end until it is killed. `site <home> <rootFile> <source> <source>` or `publish <folder> <keys>`. */
import process from 'node:process';
import { openSiteCatalogue } from '../../../../src/governance/catalogue/open.ts';
import { demoCatalogue } from '../../../../src/governance/catalogue/demo.ts';
import { appendFileSync } from 'node:fs';

const [what, ...args] = process.argv.slice(2);

if (what === 'site') {
  const [home = '', rootFile = '', ...sources] = args;
  process.stdout.write('ready\n');
  for (let n = 0; ; n += 1) {
    const site = await openSiteCatalogue({ home, source: sources[n % sources.length], rootFile, ring: 'all', now: Date.now, log: () => undefined });
    const state = await site.refresh();
    process.stdout.write(`${state.state}${state.state === 'refused' ? ` ${state.code} ${state.reason}` : ''} ${site.templates().length}\n`);
  }
} else {
  const [folder = '', templates = '', readme = ''] = args;
  process.stdout.write('ready\n');
  for (;;) {
    appendFileSync(readme, 'One line more.\n');
    await demoCatalogue(folder, templates, { now: Date.now(), log: (text) => process.stdout.write(`${text}\n`) });
    process.stdout.write('published\n');
  }
}
