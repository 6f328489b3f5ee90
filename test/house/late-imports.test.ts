import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { BUNDLED_PACKAGES } from '../../scripts/lib/bundle.ts';
import { ROOT } from '../../scripts/lib/paths.ts';

/** Whether the bundle makes a module with a default and no other name of it. */
function isCommonJs(name: string): boolean {
  const { type, module, exports } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { readonly type?: string; readonly module?: string; readonly exports?: object };
  return type !== 'module' && module === undefined && !JSON.stringify(exports ?? {}).includes('"import"');
}

/** From the sources Node.js finds the names of a CommonJS library; a module of its own in the bundle has its default alone. */
describe('libraries that are bundled and loaded late', () => {
  const found = globSync('{src,nodes}/**/*.ts', { cwd: ROOT }).flatMap((file) => [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/(?<!typeof )import\('([^'.]+)'\)[^\n]*/g)]
    .map(([text, name = '']) => ({ file, text, name })).filter(({ name }) => BUNDLED_PACKAGES.includes(name)));

  it('are taken by their default when they are CommonJS', () => {
    assert.ok(found.some(({ name }) => name === 'undici'), 'one is found');
    assert.deepEqual(found.filter(({ name, text }) => isCommonJs(name) && !text.includes('.default')).map(({ file, text }) => `${file}: ${text}`), []);
  });
});
