import assert from 'node:assert/strict';
import { read } from './support.ts';

describe('the rules in docs/rules.md', () => {
  const held = [...read('docs/rules.md').matchAll(/\[[^\]]+\]\(\.\.\/(test\/[^)]+)\): ((?:\*[^*]+\*(?:; )?)+)/g)].flatMap(([, path = '', titles = '']) =>
    [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => ({ path, title })));

  it('are held by tests that are there', () => {
    assert.ok(held.length > 100);
    const absent = held.filter(({ path, title }) => !read(path).replaceAll('\\\'', '\'').includes(title));
    assert.deepEqual(absent.map(({ path, title }) => `${path}: ${title}`), []);
  });

  it('name at least one test each', () => {
    const rows = [...read('docs/rules.md').matchAll(/^\| (?!Rule \|)([^|]+) \| ([^|]+) \|$/gm)].filter(([, , cell]) => !(cell ?? '').includes('not in this version'));
    assert.ok(rows.length > 50);
    assert.deepEqual(rows.filter(([, , cell]) => !/\.\.\/test\//.test(cell ?? '')).map(([, rule]) => rule), []);
  });
});
