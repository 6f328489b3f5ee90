import assert from 'node:assert/strict';
import { compileTopicPattern } from '../../../src/intake/mapper/index.ts';

describe('Topic patterns', () => {
  it('gives the filter to subscribe with', () => {
    assert.equal(compileTopicPattern('{enterprise}/{site}/{area}/{station}/scan').filter, '+/+/+/+/scan');
    assert.equal(compileTopicPattern('acme/dc-1/{area}/{station}/scan').filter, 'acme/dc-1/+/+/scan');
    assert.equal(compileTopicPattern('zebra/DATA/clients/data1event/{device}').filter, 'zebra/DATA/clients/data1event/+');
  });

  it('reads the variables of a topic and refuses any other topic', () => {
    const pattern = compileTopicPattern('acme/{site}/{area}/{station}/scan');
    assert.deepEqual(pattern.variables, ['site', 'area', 'station']);
    assert.deepEqual(pattern.match('acme/dc-1/receiving/dock-1/scan'), { site: 'dc-1', area: 'receiving', station: 'dock-1' });
    for (const topic of ['', 'acme', 'acme/dc-1/receiving/dock-1', 'acme/dc-1/receiving/dock-1/scan/x', 'other/dc-1/receiving/dock-1/scan', 'acme//receiving/dock-1/scan', 'acme/dc-1/receiving/dock-1/SCAN']) {
      assert.equal(pattern.match(topic), undefined, topic);
    }
  });

  it('refuses what is no pattern, and says what to mend', () => {
    for (const pattern of ['', 'a/+/b', 'a/#', 'a/{x', 'a/dock-{x}', 'a/{x}/{x}', 'a/{}', 'a/{1}']) assert.throws(() => compileTopicPattern(pattern), RangeError, pattern);
  });
});
