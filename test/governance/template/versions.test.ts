import assert from 'node:assert/strict';
import fc from 'fast-check';

import { inRange } from '../../../src/governance/gate/rules/ranges.ts';
import { isInRange } from '../../../src/governance/gate/rules/semver-range.ts';
import { compareVersions } from '../../../src/governance/gate/rules/versions.ts';

describe('versions', () => {
  it('are in the order of semver.org 2.0.0, clause 11', () => {
    const inOrder = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.10', '1.2.0', '2.0.0', '10.0.0'];
    assert.deepEqual([...inOrder].reverse().sort(compareVersions), inOrder);
    assert.equal(compareVersions('1.0.0+one', '1.0.0+two'), 0);
  });

  it('have one order, whichever is asked first', () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30), fc.constantFrom('', '-a', '-a.1', '-2', '-b')).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);
    fc.assert(fc.property(version, version, (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a)) || compareVersions(a, b) === 0));
  });

  const ranges: readonly (readonly [string, string, boolean])[] = [
    ['1.2.3', '^1.0.0', true], ['2.0.0', '^1.0.0', false], ['2.0.0-rc.1', '^1.0.0', false], ['0.2.5', '^0.2.0', true], ['0.3.0', '^0.2.0', false], ['0.0.4', '^0.0.3', false],
    ['1.2.9', '~1.2.0', true], ['1.3.0', '~1.2', false], ['1.9.9', '1.x', true], ['1.9.9', '1', true], ['1.2.3', '1.2.3', true], ['1.2.4', '1.2.3', false],
    ['1.5.0', '>=1.0.0 <2.0.0', true], ['2.0.0', '>= 1.0.0 < 2.0.0', false], ['3.1.0', '^1.0.0 || ^3.0.0', true], ['3.1.0', '*', true], ['1.0.0', 'nonsense', false], ['1.0.0', '<=1.0.0', true], ['1.0.0', '>1.0.0', false],
  ];
  for (const [version, range, fits] of ranges) {
    it(`${version} is ${fits ? '' : 'not '}in ${range}`, () => {
      assert.equal(inRange(version, range), fits);
    });
  }

  // As node-semver 7 answers.
  const modules: readonly (readonly [string, string, boolean])[] = [
    ['1.0.0-rc.10', '>=1.0.0-rc.9', true], ['1.0.0-rc.9', '>=1.0.0-rc.10', false], ['1.0.0-rc.10', '<1.0.0-rc.9', false], ['1.0.0-rc.10', '^1.0.0-rc.9', true], ['1.0.0-beta.2', '>1.0.0-beta', true],
    ['1.0.0-1', '<1.0.0-alpha', true], ['2.0.0-rc.1', '^1.0.0', false], ['2.0.0-rc.1', '>=2.0.0-alpha ^1.0.0', false], ['1.3.0-rc.1', '>=1.3.0-a ~1.2.0', false], ['2.0.0', '>1', true], ['1.0.0-rc.1+build.7', '1.0.0-rc.1', true],
  ];
  for (const [version, range, fits] of modules) {
    it(`a package at ${version} is ${fits ? '' : 'not '}in ${range}`, () => {
      assert.equal(isInRange(version, range), fits);
    });
  }
});
