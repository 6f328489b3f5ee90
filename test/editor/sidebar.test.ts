import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { ageOf } from '../../src/editor/browser/sidebar/ages.ts';
import { nodesWithForm, pluginTexts, read, ROOT } from './support/sources.ts';

const placeholders = (text: string): string[] => [...text.matchAll(/__\w+__|<\/?\w+>/g)].map(([name]) => name).sort();

describe('texts of the sidebar and the tour', () => {
  const english = pluginTexts('sidebar', 'en-US');
  const german = pluginTexts('sidebar', 'de');

  it('say the same in German, placeholders and markup included', () => {
    assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
    for (const [key, text] of english) {
      assert.deepEqual(placeholders(german.get(key) ?? ''), placeholders(text), key);
    }
  });

  it('are all there that the scripts use', () => {
    const sources = [
      read('src/editor/browser/sidebar.plugin.ts'),
      ...readdirSync(path.join(ROOT, 'src/editor/browser/sidebar')).map((file) => read('src/editor/browser/sidebar', file)),
    ].join('\n');
    const tour = read('resources/tours/first-scan.js');
    const used = [
      ...[...sources.matchAll(/text\((?:[^'`)]*\? )?['`]([\w.${}? '[\]-]+?)['`]/g)].map(([, key = '']) => key),
      ...[...sources.matchAll(/\? '(\w+\.\w+)' : '(\w+\.\w+)'\)/g)].flatMap(([, one = '', other = '']) => [one, other]),
      ...[...tour.matchAll(/'([a-zA-Z]+\.(?:title|text|press))'/g)].map(([, key = '']) => `tour.${key}`),
    ];
    assert.ok(used.length > 30, 'the test found the keys');
    for (const key of used) {
      const [plain = ''] = key.split('${');
      assert.ok(plain === key ? english.has(key) : [...english.keys()].some((name) => name.startsWith(plain)), key);
    }
  });
});

describe('ages in the sidebar', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const cases: readonly (readonly [string, string, string])[] = [
    ['2026-03-01T11:59:31Z', '0 min', 'en-US'],
    ['2026-03-01T11:55:00Z', '5 min', 'en-US'],
    ['2026-03-01T09:10:00Z', '2 hr', 'en-US'],
    ['2026-02-26T11:00:00Z', '3 days', 'en-US'],
    ['2026-02-26T11:00:00Z', '3 Tg.', 'de'],
    // The clock of the browser is behind.
    ['2026-03-01T12:40:00Z', '0 min', 'en-US'],
  ];
  for (const [since, said, language] of cases) {
    it(`${since} is ${said} in ${language}`, () => {
      assert.equal(ageOf(since, now, language), said);
    });
  }
});

describe('pictures in the help', () => {
  /** Configuration nodes stand in no flow; they are shown by a node that uses them. */
  const pictureOf = (node: string): string => (['site', 'broker'].includes(node) ? 'scan-in' : node === 'opcua-endpoint' ? 'plc-out' : node === 'system' ? 'call' : node);

  for (const language of ['en-US', 'de']) {
    for (const node of nodesWithForm()) {
      it(`${node} shows its use in ${language}, and says what is to be seen`, () => {
        const help = read('nodes', node, 'locales', language, `${node}.html`);
        const [, source = '', alt = ''] = /<img src="resources\/@waybill\/node-red\/([^"]+)" alt="([^"]+)"/.exec(help) ?? [];
        assert.equal(source, `help/${pictureOf(node)}.${language}.png`);
        assert.ok(alt.length > 20, alt);
        const file = path.join(ROOT, 'resources', source);
        assert.ok(statSync(file).size < 30_000, `${String(statSync(file).size)} bytes`);
        // PNG signature, then the width in the header (ISO/IEC 15948, 11.2.2): a help pane is narrow.
        const bytes = readFileSync(file);
        assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
        assert.ok(bytes.readUInt32BE(16) <= 700, `${String(bytes.readUInt32BE(16))} px wide`);
      });
    }
  }

  for (const node of nodesWithForm()) {
    it(`${node}: German help has the parts of the English one`, () => {
      const shape = (language: string): string[] => [...read('nodes', node, 'locales', language, `${node}.html`).matchAll(/<(h3|li|dt|p|img)\b/g)].map(([, tag = '']) => tag);
      assert.deepEqual(shape('de'), shape('en-US'));
    });
  }
});
