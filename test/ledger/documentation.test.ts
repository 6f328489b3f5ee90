import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Members of a union of string literals, as the source has it. */
function union(path: string, name: string): string[] {
  const source = read(path).replaceAll(/\/\*\*.*?\*\//gs, '');
  const from = source.indexOf(`export type ${name} =`);
  assert.notEqual(from, -1, `${name} in ${path}`);
  return [...source.slice(from, source.indexOf(';', from)).matchAll(/'([^']+)'/g)].map(([, member]) => member!);
}

describe('documentation of the ledger', () => {
  const page = read('docs/ledger.md');
  for (const [path, name] of [['src/ledger/port.ts', 'LedgerErrorCode'], ['src/ledger/verify.ts', 'FindingCode']] as const) {
    it(`tells every ${name}`, () => {
      const codes = union(path, name);
      assert.ok(codes.length > 5);
      for (const code of codes) assert.ok(page.includes(`\`${code}\``), code);
    });
  }
});
