import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { RULES } from '../../../src/governance/gate/rules/index.ts';
import { pluginTexts, read, ROOT } from '../support/sources.ts';

const placeholders = (text: string): string[] => [...text.matchAll(/__\w+__/g)].map(([name]) => name).sort();

describe('texts of the templates tab', () => {
  const english = pluginTexts('governance', 'en-US');
  const german = pluginTexts('governance', 'de');

  it('say the same in German, placeholders included', () => {
    assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
    for (const [key, text] of english) {
      assert.deepEqual(placeholders(german.get(key) ?? ''), placeholders(text), key);
    }
  });

  it('are all there that the scripts use', () => {
    const folder = 'src/editor/browser/governance';
    const sources = [read('src/editor/browser/governance.plugin.ts'), ...readdirSync(path.join(ROOT, folder)).map((file) => read(folder, file))].join('\n');
    const used = [
      ...[...sources.matchAll(/text\((?:[^'`)]*\? )?['`]([\w.${}? '[\]-]+?)['`]/g)].map(([, key = '']) => key),
      ...[...sources.matchAll(/\? '(\w+\.\w+)' : '(\w+\.\w+)'\)/g)].flatMap(([, one = '', other = '']) => [one, other]),
    ];
    assert.ok(used.length > 60, 'the test found the keys');
    for (const key of used) {
      const [plain = ''] = key.split('${');
      assert.ok(plain === key ? english.has(key) : [...english.keys()].some((name) => name.startsWith(plain)), key);
    }
  });

  it('call every rule of the gate by its title', () => {
    const shown = read('src/editor/browser/governance/findings-view.ts');
    for (const { code, title } of RULES) {
      assert.equal(english.get(`rule.${code}`), title, code);
      assert.ok(shown.includes(`'${code}'`), code);
    }
  });

  it('never become markup', () => {
    for (const file of readdirSync(path.join(ROOT, 'src/editor/browser/governance'))) {
      assert.doesNotMatch(read('src/editor/browser/governance', file), /\.html\(|innerHTML|insertAdjacentHTML|\$\(`/, file);
    }
  });
});
