import assert from 'node:assert/strict';

import { secretIn } from '../../../src/governance/gate/rules/secret-patterns.ts';

describe('what a secret looks like', () => {
  it('is known in the shortest texts that may be one', () => {
    assert.equal(secretIn('ab://c:d@e'), 'a password in an address');
    assert.equal(secretIn('Pwd=abcdef'), 'a connection string');
  });

  it('is known behind the question mark of an address, and what is none is not', () => {
    assert.equal(secretIn('https://erp.example.com/x?a=1&token=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c'), 'a secret in an address');
    for (const plain of ['https://x/?token=${TOKEN}', 'https://x/?token={{{payload.token}}}', 'https://x/?key=395210030100000039-a', 'https://x/?token=your-token-goes-in-here', 'https://x/?key=1f0d3c5a-6f0e-4a0e-9b8e-0a1b2c3d4e5f']) assert.equal(secretIn(plain), undefined, plain);
  });
});
