import assert from 'node:assert/strict';
import { harmless, harmlessJson, harmlessLine } from '../../src/cli/harmless.ts';

describe('text of others on a terminal', () => {
  it('commands nothing, hides nothing and turns nothing around', () => {
    assert.equal(harmless('\u001b[31mred\u001b[0m, \u001b]8;;http://x\u0007link, a\rb, \u0008\u009b2J'), 'red, link, a·b, ·');
    assert.equal(harmless('approved \u202edesufer\u202c \u2066x\u2069 \u200b\ufeff\u2028'), 'approved ·desufer· ·x· ···');
    assert.equal(harmless('Größe 物\tα\nשלום 😀'), 'Größe 物\tα\nשלום 😀');
    assert.equal(harmlessLine('one\n\ttwo'), 'one two');
    assert.equal(harmless('\ud800'), '\ufffd');
  });

  it('stays the same value as JSON', () => {
    const value = { 'na\u202eme': ['\u001b[2J', '\u{e0001}', 'x\n'] };
    assert.deepEqual(JSON.parse(harmlessJson(value)), value);
    assert.ok(['\u001b', '\u202e', '\u{e0001}'].every((each) => !harmlessJson(value).includes(each)));
    assert.equal(harmlessJson(undefined), 'null');
  });
});
