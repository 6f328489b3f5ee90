import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ESLint } from 'eslint';

import { ROOT } from '../../scripts/lib/paths.ts';

describe('lint', function () {
  this.timeout(60_000);
  const eslint = new ESLint({ cwd: ROOT });
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
    ['any', '@typescript-eslint/no-explicit-any', 'export const value: any = 1;\n'],
    ['a relative import without extension', 'no-restricted-imports', "export * from './files';\n"],
    ['a type imported as a value', '@typescript-eslint/consistent-type-imports', "import { EntryPoint } from './entry-points.ts';\nexport type E = EntryPoint;\n"],
    ['a directive that switches nothing off', '', '// eslint-disable-next-line eqeqeq\nexport const a = 1;\n'],
  ];

  for (const [what, rule, code] of refused) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(await rules(code), [rule === '' ? null : rule]);
    });
  }

  it('lets through what is in order', async () => {
    assert.deepEqual(await rules("export * from './files.ts';\nexport const a = 1;\n"), []);
  });
});

describe('lint of types', function () {
  this.timeout(60_000);
  const refused: Readonly<Record<string, string>> = {
    'no-floating-promises': 'export function run(): void {\n  Promise.resolve(1);\n}\n',
    'no-misused-promises': 'export function run(all: readonly number[]): number {\n  return all.filter(async (one) => (await Promise.resolve(one)) > 1).length;\n}\n',
    'await-thenable': 'export async function run(): Promise<number> {\n  return await 1;\n}\n',
    'only-throw-error': "export function run(): void {\n  throw 'no';\n}\n",
    'switch-exhaustiveness-check': "export function run(way: 'in' | 'out'): number {\n  switch (way) {\n    case 'in': return 1;\n  }\n  return 2;\n}\n",
  };

  it('refuses promises that nobody waits for, what is awaited and is none, thrown texts, and cases that are left out', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-lint-'));
    try {
      writeFileSync(path.join(folder, 'tsconfig.json'), '{"compilerOptions": {"strict": true, "noEmit": true, "target": "es2023", "module": "nodenext", "types": []}, "include": ["*.ts"]}');
      for (const [rule, code] of Object.entries(refused)) writeFileSync(path.join(folder, `${rule}.ts`), code);
      writeFileSync(path.join(folder, 'in-order.ts'), 'export async function run(): Promise<number> {\n  return await Promise.resolve(1);\n}\n');
      const { stdout, status } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '-c', path.join(ROOT, '.oxlintrc.json'), '--format', 'json', folder], { cwd: folder, encoding: 'utf8' });
      const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly { readonly code: string; readonly filename: string }[] };
      assert.deepEqual(diagnostics.map(({ code, filename }) => [code, path.basename(filename)]).toSorted(), Object.keys(refused).toSorted().map((rule) => [`typescript(${rule})`, `${rule}.ts`]));
      assert.equal(status, 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
