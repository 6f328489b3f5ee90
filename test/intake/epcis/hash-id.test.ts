import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { eventHashId, preHash } from '../../../src/intake/epcis/index.ts';

interface Vector { readonly from: string; readonly namespaces: Readonly<Record<string, string>>; readonly event: Readonly<Record<string, unknown>>; readonly preHash: string; readonly id: string }

const { vectors } = JSON.parse(readFileSync(path.join(ROOT, 'test/vectors/epcis/hash-ids.json'), 'utf8')) as { readonly vectors: readonly Vector[] };

describe('the hash id of an event (CBV 2.0 §8.9)', () => {
  vectors.forEach(({ from, namespaces, event, preHash: expected, id }, index) => {
    it(`is that of the reference implementation: ${from} ${index + 1}, ${String(event['type'])}`, () => {
      assert.equal(preHash(event, namespaces), expected);
      assert.equal(eventHashId(event, namespaces), id);
    });
  });
});
