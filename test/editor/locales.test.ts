import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { catalogue, formOf, nodesWithForm, read, ROOT, scriptOf } from './support/sources.ts';

const SITE = '@waybill/node-red/site:';

/** Keys that a form or script names, with the catalogue that each belongs to. `prefix` keys end in a computed part. */
function keysUsed(node: string): { readonly node: string; readonly key: string; readonly prefix: boolean }[] {
  const form = [...formOf(node).matchAll(/data-i18n="([^"]+)"/g)].map(([, value = '']) => value.replace(/^\[[\w-]+\]/, ''));
  const script = [...scriptOf(node).matchAll(/(?<![.\w])text\(\s*(?:[^'`)]*\? )?['`]([\w.$[\]{} ?'"-]+?)['`]/g)].map(([, value = '']) => value);
  const second = [...scriptOf(node).matchAll(/\? '([\w.]+)' : '([\w.]+)'\)/g)].flatMap(([, a = '', b = '']) => [a, b]);
  return [...form, ...script, ...second]
    .filter((key) => !key.startsWith('node-red:'))
    .map((key) => {
      const shared = key.startsWith(SITE);
      const [plain = ''] = (shared ? key.slice(SITE.length) : key).split('${');
      return { node: shared ? 'site' : node, key: plain, prefix: plain.endsWith('.') };
    });
}

function sharedKeysUsed(): string[] {
  const folder = path.join(ROOT, 'src/editor/browser');
  return readdirSync(folder).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const source = read('src/editor/browser', file);
    const direct = [...source.matchAll(/commonText\(\s*'([\w.]+)'/g)].map(([, key = '']) => `common.${key}`);
    const said = [...source.matchAll(/say\(property, '(\w+)'/g)].map(([, key = '']) => `common.error.${key}`);
    return [...direct, ...said];
  });
}

const placeholders = (text: string): string[] => [...text.matchAll(/__\w+__/g)].map(([name]) => name).sort();

describe('texts of the editor', () => {
  for (const node of nodesWithForm()) {
    it(`${node}: every key that form and script use is in the catalogue`, () => {
      const used = keysUsed(node);
      assert.ok(used.length > 5, 'the test found the keys');
      for (const { node: owner, key, prefix } of used) {
        const texts = catalogue(owner, 'en-US') ?? new Map<string, string>();
        const found = prefix ? [...texts.keys()].some((name) => name.startsWith(key)) : texts.has(key);
        assert.ok(found, `${owner}: ${key}`);
      }
    });

    it(`${node}: every validated property has a label for its message`, () => {
      const source = scriptOf(node);
      const properties = [...source.matchAll(/valid\.\w+\('(\w+)'/g)].map(([, property = '']) => property);
      for (const property of properties) {
        const texts = catalogue(node, 'en-US');
        assert.ok(texts?.has(`label.${property}`) === true || catalogue('site', 'en-US')?.has(`common.label.${property}`) === true, `${node}: label.${property}`);
      }
    });

    it(`${node}: German says the same, placeholders included`, () => {
      const english = catalogue(node, 'en-US') ?? new Map<string, string>();
      const german = catalogue(node, 'de');
      assert.ok(german !== undefined, 'there is a German catalogue');
      assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
      for (const [key, text] of english) {
        assert.deepEqual(placeholders(german.get(key) ?? ''), placeholders(text), key);
      }
    });

    it(`${node}: has help that says what happens after a crash`, () => {
      const help = read('nodes', node, 'locales/en-US', `${node}.html`);
      assert.match(help, /^<p>[^<]+/);
      assert.match(help, /<h3>Details<\/h3>/);
      if (node !== 'site') {
        assert.match(help, /<h3>After a crash<\/h3>/);
      }
    });
  }

  it('has every text that the shared scripts use', () => {
    const texts = catalogue('site', 'en-US');
    const used = sharedKeysUsed();
    assert.ok(used.length > 8, 'the test found the keys');
    for (const key of used) {
      assert.ok(texts?.has(key), key);
    }
  });
});
