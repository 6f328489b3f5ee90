import assert from 'node:assert/strict';
import fc from 'fast-check';
import { secretsOf } from '../../../src/governance/gate/rules/no-secrets.ts';
import { secretIn } from '../../../src/governance/gate/rules/secret-patterns.ts';

/** One of each kind that is a secret wherever it stands. */
const SECRETS: readonly string[] = [
  '-----BEGIN RSA PRIVATE KEY-----', 'mqtt://line:hunter22@broker.example.com', 'https://carrier.example.com/x?a=1&api_key=9f8Ke72hQpL0', 'Bearer 9f8Ke72hQpL0zXw4TtB1', 'Basic YWRtaW46aHVudGVyMjI=', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.x',
  'AKIAIOSFODNN7EXAMPLE', 'https://hooks.slack.com/services/T0001/B0001/abcdef', '123456789:AAabcdefghijklmnopqrstuvwxyz0123456', 'Server=x;Password=hunter22;',
];

describe('what a secret looks like', () => {
  it('is known in the shortest texts that may be one', () => {
    assert.equal(secretIn('ab://c:d@e'), 'a password in an address');
    assert.equal(secretIn('Pwd=abcdef'), 'a connection string');
  });

  it('is known behind the question mark of an address, and what is none is not', () => {
    assert.equal(secretIn('https://erp.example.com/x?a=1&token=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c'), 'a secret in an address');
    for (const plain of ['https://x/?token=${TOKEN}', 'https://x/?token={{{payload.token}}}', 'https://x/?key=395210030100000039-a', 'https://x/?token=your-token-goes-in-here', 'https://x/?key=1f0d3c5a-6f0e-4a0e-9b8e-0a1b2c3d4e5f']) assert.equal(secretIn(plain), undefined, plain);
  });

  it('is found wherever in a node it stands, beside whatever else', () => {
    const name = fc.constantFrom('a', 'payload', 'rules', 'headers', 'info', 'func', 'x1');
    const rest = fc.constantFrom<unknown>('', 'payload', 1, true, null, [], {}, 'a longer text about nothing');
    fc.assert(fc.property(fc.constantFrom(...SECRETS), fc.array(fc.tuple(fc.boolean(), name, rest), { maxLength: 120 }), name, (secret, way, last) => {
      const value = way.reduce<unknown>((inner, [list, key, other]) => (list ? [other, inner] : { other, [key]: inner }), secret);
      assert.equal([...secretsOf({ id: 'n', type: 'x', label: 'x', [last]: value })].length, 1);
    }), { numRuns: 300 });
  });

  it('under a telling name is found as well', () => {
    for (const node of [{ password: 'hunter22' }, { rows: [{ name: 'apiKey', value: 'hunter22' }] }, { deep: { deeper: { clientSecret: 'hunter22' } } }, { func: 'const token = "9f8Ke72hQpL0zXw4TtB1";' }, { payload: '[{"psk":"hunter22"}]' }]) {
      assert.equal([...secretsOf({ id: 'n', type: 'x', ...node })].length, 1, JSON.stringify(node));
    }
  });
});
