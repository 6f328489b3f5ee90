import assert from 'node:assert/strict';

import { secretIn } from '../../../src/governance/gate/rules/secret-patterns.ts';

describe('what a secret looks like', () => {
  it('is known in the shortest texts that may be one', () => {
    assert.equal(secretIn('ab://c:d@e'), 'a password in an address');
    assert.equal(secretIn('Pwd=abcdef'), 'a connection string');
  });
});
