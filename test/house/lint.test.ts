import assert from 'node:assert/strict';
import path from 'node:path';

import { ESLint } from 'eslint';

import { ROOT } from '../../scripts/lib/paths.ts';

describe('lint', function () {
  this.timeout(60_000);
  const eslint = new ESLint({ cwd: ROOT });
  // Rules with types work on files that a tsconfig includes; the text is what counts here.
  const inSource = path.join(ROOT, 'scripts/lib/paths.ts');

  async function rules(code: string, filePath: string = inSource): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(code, { filePath });
    assert.ok(result);
    return result.messages.map((message) => message.ruleId);
  }

  const refused: readonly (readonly [what: string, rule: string, code: string])[] = [
    ['a default export', 'no-restricted-syntax', 'export default function run(): void {}\n'],
    ['a default export by another name', 'no-restricted-syntax', 'const run = 1;\nexport { run as default };\n'],
    ['an empty catch', 'no-restricted-syntax', 'try {\n  JSON.parse("");\n} catch {}\n'],
    ['a catch with nothing but a comment', 'no-restricted-syntax', 'try {\n  JSON.parse("");\n} catch {\n  // never mind\n}\n'],
    ['a promise that nobody waits for', '@typescript-eslint/no-floating-promises', 'export function run(): void {\n  Promise.resolve(1);\n}\n'],
    ['any', '@typescript-eslint/no-explicit-any', 'export const value: any = 1;\n'],
    ['a relative import without extension', 'no-restricted-imports', "export * from './files';\n"],
    ['a type imported as a value', '@typescript-eslint/consistent-type-imports', "import { EntryPoint } from './entry-points.ts';\nexport type E = EntryPoint;\n"],
    ['a thrown string', '@typescript-eslint/only-throw-error', "export function run(): void {\n  throw 'no';\n}\n"],
    ['a directive that switches nothing off', '', '// eslint-disable-next-line eqeqeq\nexport const a = 1;\n'],
  ];

// With CI=true the parser would believe that files do not change in one run; here their text changes from test to test.
process.env['TSESTREE_SINGLE_RUN'] = 'false';

  for (const [what, rule, code] of refused) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(await rules(code), [rule === '' ? null : rule]);
    });
  }

  it('lets through what is in order', async () => {
    assert.deepEqual(await rules("export * from './files.ts';\nexport const a = 1;\n"), []);
  });
});
