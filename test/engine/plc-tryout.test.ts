import assert from 'node:assert/strict';
import type { PlcInNodeConfig } from '../../src/engine/intake/plc-in-node.ts';
import { tryPasted } from '../../src/engine/intake/plc-in/tryout.ts';
import { PLC_IN_DEFAULTS } from '../../nodes/plc-in/migrations.ts';

const NOW = Date.UTC(2026, 10, 29);
const OPENING = { process: 'p', template: '', site: 'dc-1', device: 'Line 1', uniqueScope: '' };
const tag = (name: string): PlcInNodeConfig['tags'][number] => ({ name, nodeId: `ns=1;s=${name}`, samplingMs: 0 });
const VALUES: PlcInNodeConfig = {
  ...PLC_IN_DEFAULTS, tags: [tag('jam'), tag('weight'), tag('order')], title: '{trigger} of {order}', keyTag: 'order', keyType: 'order',
  triggers: [{ name: 'jam', kind: 'rising', tag: 'jam', forMs: 2_000 }, { name: 'heavy', kind: 'above', tag: 'weight', limit: 30 }],
};
const tried = (text: string, config = VALUES): readonly unknown[] => tryPasted(config, OPENING, text, NOW).map((outcome) => (outcome.ok ? [outcome.line, outcome.title, outcome.keys.map(({ value }) => value), outcome.facts['value']] : [outcome.line, outcome.message]));

describe('trying values on the form of a plc in node', () => {
  it('takes the first value as how things are, and lets time go by', () => {
    assert.deepEqual(tried('jam = true'), []);
    assert.deepEqual(tried('order = 4711\njam = false\njam = true\n+ 1 s'), []);
    assert.deepEqual(tried('order = 4711\njam = false\njam = true\n+ 3 s\njam = false\njam = true\n+ 1 s'), [[4, 'jam of 4711', ['4711'], true]]);
    assert.deepEqual(tried('jam = false\njam = true\n+500ms\njam = false\n+ 1 min'), []);
  });

  it('reads several values as JSON, and texts in quotes', () => {
    assert.deepEqual(tried('{"weight": 1, "order": "A-1"}\n{"weight": 31.5}'), [[2, 'heavy of A-1', ['A-1'], true]]);
    assert.deepEqual(tried('order = "007"\nweight = 1\nweight = 40'), [[3, 'heavy of 007', ['007'], true]]);
  });

  it('says what a value cannot be', () => {
    assert.deepEqual(tried('weight = NaN'), [[1, 'The tag "weight" is NaN, no number; the event "heavy" waits for one.']]);
    assert.deepEqual(tried('weight = heavy'), [[1, 'The tag "weight" is of type string, and the event "heavy" needs number; choose another tag, or another kind of event.']]);
    assert.deepEqual(tried('wieght = 1'), [[1, 'There is no tag "wieght" in this form.']]);
    assert.throws(() => tried('{"jam": tru'), /Line 1 is no valid JSON/);
    assert.throws(() => tried('jam = true\nhello'), /Line 2 is neither a value/);
    assert.throws(() => tried('jam = true\n'.repeat(600)), /too many to try/);
  });

  it('reads telegrams, one in lines or one in JSON', () => {
    const config: PlcInNodeConfig = { ...VALUES, mode: 'handshake', tags: [tag('weight')] };
    assert.deepEqual(tried('sequence = 41\nhandlingUnit = (00)340123450000000017\nposition = S1\nweight = 12\n\n{"sequence": 42, "handlingUnit": "T-1"}', config), [
      [4, 'SSCC 340123450000000017', ['340123450000000017', '(00)340123450000000017'], undefined], [6, 'Handling unit T-1', ['T-1'], undefined],
    ]);
    assert.deepEqual(tried('handlingUnit = T-1', config), [[1, 'The sequence number is no whole number; write it like sequence = 41.']]);
    assert.deepEqual(tried('sequence = 1\nlane = 4', config), [[2, 'There is no tag "lane" in this form.']]);
  });
});
