import assert from 'node:assert/strict';
import { judgeValue, writeProblems } from '../../../src/domain/plc/write.ts';
import type { PlcWrite } from '../../../src/domain/plc/write.ts';

const lane: PlcWrite = {
  name: 'lane', nodeId: 'ns=2;s=Conveyor.Lane', type: 'UInt16', value: 'plc.lane', valueType: 'facts', least: '1', most: '12', allowed: '', maxLength: 0, readBack: true, tolerance: '',
};

describe('values for a controller', () => {
  it('the key of a step is for arguments of a method: no tag gets it', () => {
    const key = { ...lane, valueType: 'key' };
    assert.deepEqual(writeProblems([lane, { ...key, name: 'key' }], true), [{ code: 'key-for-tag', row: 1 }]);
    assert.deepEqual(writeProblems([lane, { ...key, name: 'key' }], false), []);
  });

  it('names the row and what is wrong with it', () => {
    const wrong: Readonly<Record<string, Partial<PlcWrite>>> = {
      'no-name': { name: ' ' }, 'bad-node-id': { nodeId: 'Conveyor.Lane' }, 'bad-type': { type: 'Word' }, 'bad-bound': { least: 'one' }, 'bounds-crossed': { least: '13' },
      'bad-tolerance': { tolerance: '-1' }, 'bad-length': { maxLength: 1.5 },
    };
    for (const [code, change] of Object.entries(wrong)) assert.deepEqual(writeProblems([{ ...lane, ...change }], true), [{ code, row: 0 }], code);
    assert.deepEqual(writeProblems([lane, lane], true), [{ code: 'name-twice', row: 1 }]);
    assert.deepEqual(writeProblems([], true), [{ code: 'none', row: 0 }]);
  });

  it('a value outside of what is declared is refused, at its bounds it is not', () => {
    assert.deepEqual(['1', 12, '0', '12.5', 'many', undefined].map((value) => judgeValue(lane, value)), [undefined, undefined, 'too-small', 'too-large', 'not-a-number', 'no-value']);
  });
});
