import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { nodeNames } from '../../scripts/lib/entry-points.ts';
import { listFiles } from '../../scripts/lib/files.ts';
import { manifestDifferences, readPackageJson } from '../../scripts/lib/manifest.ts';
import { ROOT } from '../../scripts/lib/paths.ts';

describe('package.json', () => {
  const manifest = readPackageJson();

  it('lists exactly the nodes and plugins that the folders hold', () => {
    assert.deepEqual(manifestDifferences(), [], 'run "npm run build -- --manifest"');
  });

  it('has at most seven run-time dependencies', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 7, Object.keys(manifest.dependencies).join(', '));
  });

  it('pins every dependency, so that a build of a commit stays the same', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, range]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(range));
    assert.deepEqual(loose, []);
  });
});

for (const name of nodeNames()) {
  describe(`node ${name}`, () => {
    const folder = path.join(ROOT, 'nodes', name);

    it('has an editor script, a form, help and an icon', () => {
      const wanted = [
        [`nodes/${name}/editor.ts`],
        [`nodes/${name}/form.html`],
        [`nodes/${name}/locales/en-US/${name}.html`, `nodes/${name}/locales/en-US/${name}.md`],
      ];
      const missing = wanted.filter((choices) => !choices.some((file) => existsSync(path.join(ROOT, file))));
      assert.deepEqual(missing, []);
    });

    it('names an icon that is in icons/ or comes with Node-RED', () => {
      const script = readFileSync(path.join(folder, 'editor.ts'), 'utf8');
      const icon = /icon:\s*['"]([^'"]+)['"]/.exec(script)?.[1];
      const isConfigNode = /category:\s*['"]config['"]/.test(script);
      assert.ok(icon !== undefined || isConfigNode, 'editor.ts names no icon');
      if (icon?.endsWith('.svg') === true && !icon.includes('/')) {
        assert.ok(existsSync(path.join(ROOT, 'icons', icon)), `icons/${icon} does not exist`);
      }
    });

    it('has the same message keys in every language', () => {
      const catalogues = listFiles(path.join(folder, 'locales')).filter((file) => file.endsWith('.json'));
      const english = catalogues.find((file) => file.includes('en-US'));
      if (english === undefined) {
        assert.deepEqual(catalogues, [], 'a translation without the English original');
        return;
      }
      for (const catalogue of catalogues) {
        assert.deepEqual(keys(catalogue), keys(english), catalogue);
      }
    });
  });
}

/** Dotted paths of all texts in a message catalogue, sorted. */
function keys(file: string): string[] {
  const walk = (value: unknown, prefix: string): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => walk(inner, prefix === '' ? key : `${prefix}.${key}`))
      : [prefix];
  return walk(JSON.parse(readFileSync(file, 'utf8')), '').sort();
}
