import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

import { ROOT } from '../../scripts/lib/paths.ts';

/** A small house with one file in every room; what may be imported is judged on it by the real configuration. */
const FILES: readonly string[] = [
  'src/domain/case.ts',
  'src/ledger/port.ts',
  'src/ledger/sqlite/store.ts',
  'src/engine/runtime.ts',
  'src/intake/mqtt.ts',
  'src/connectors/rest.ts',
  'src/governance/catalogue.ts',
  'src/governance/gate/rules/orphan.ts',
  'src/insight/kpis.ts',
  'src/hub/witness.ts',
  'src/web/server/routes.ts',
  'src/web/ui/main.ts',
  'src/editor/runtime-plugin.ts',
  'src/editor/browser/sidebar.plugin.ts',
  'src/cli/waybill.ts',
  'nodes/approval/approval.ts',
  'nodes/approval/editor.ts',
  'nodes/approval/editor/rows.ts',
  'nodes/approval/migrations.ts',
  'nodes/config-version.ts',
];

const DOMAIN = 'src/domain/case.ts';
const LEDGER = 'src/ledger/port.ts';
const SQLITE = 'src/ledger/sqlite/store.ts';
const ENGINE = 'src/engine/runtime.ts';
const INTAKE = 'src/intake/mqtt.ts';
const CONNECTORS = 'src/connectors/rest.ts';
const GOVERNANCE = 'src/governance/catalogue.ts';
const GATE_RULE = 'src/governance/gate/rules/orphan.ts';
const INSIGHT = 'src/insight/kpis.ts';
const WEB = 'src/web/server/routes.ts';
const UI = 'src/web/ui/main.ts';
const PLUGIN = 'src/editor/runtime-plugin.ts';
const SIDEBAR = 'src/editor/browser/sidebar.plugin.ts';
const CLI = 'src/cli/waybill.ts';
const NODE = 'nodes/approval/approval.ts';
const NODE_EDITOR = 'nodes/approval/editor.ts';
const MIGRATIONS = 'nodes/approval/migrations.ts';
const CONFIG_VERSION = 'nodes/config-version.ts';

const MIDDLE = [LEDGER, INTAKE, CONNECTORS, GOVERNANCE, INSIGHT];

type Import = readonly [from: string, to: string];

const FORBIDDEN: readonly Import[] = [
  ...FILES.filter((file) => file !== DOMAIN).map((file): Import => [DOMAIN, file]),
  ...['node:fs', 'fs', 'node:sqlite', 'ajv', 'node-red', 'mqtt'].map((name): Import => [DOMAIN, name]),
  ...MIDDLE.flatMap((from) => MIDDLE.filter((to) => to !== from).map((to): Import => [from, to])),
  ...MIDDLE.flatMap((from): Import[] => [
    [from, ENGINE],
    [from, WEB],
    [from, NODE],
    [from, 'node:sqlite'],
    [from, SQLITE],
  ]),
  ...[ENGINE, WEB, CLI, NODE, PLUGIN].map((from): Import => [from, 'node:sqlite']),
  ...[ENGINE, WEB, CLI, PLUGIN].flatMap((from): Import[] => [
    [from, NODE],
    [from, UI],
    [from, SIDEBAR],
  ]),
  ...[LEDGER, SQLITE, INTAKE, CONNECTORS, GOVERNANCE, INSIGHT].flatMap((to): Import[] => [
    [NODE, to],
    [PLUGIN, to],
    ...(to === LEDGER ? [] : [[WEB, to] as const]),
  ]),
  [SQLITE, ENGINE],
  [ENGINE, WEB],
  [NODE, WEB],
  [NODE, SIDEBAR],
  [NODE, NODE_EDITOR],
  ...[SIDEBAR, NODE_EDITOR].flatMap((from): Import[] => [
    [from, DOMAIN],
    [from, ENGINE],
    [from, GOVERNANCE],
    [from, 'node:fs'],
  ]),
  [NODE_EDITOR, NODE],
  [NODE_EDITOR, 'ajv'],
  ...[ENGINE, DOMAIN, NODE, NODE_EDITOR, SIDEBAR, 'node:fs', 'ajv'].map((to): Import => [MIGRATIONS, to]),
  [UI, ENGINE],
  [UI, 'node:fs'],
  [GATE_RULE, 'node:fs'],
  [GATE_RULE, GOVERNANCE],
  [GATE_RULE, 'ajv'],
];

const ALLOWED: readonly Import[] = [
  [DOMAIN, 'big.js'],
  ...MIDDLE.map((from): Import => [from, DOMAIN]),
  [LEDGER, 'node:crypto'],
  [SQLITE, LEDGER],
  [SQLITE, DOMAIN],
  [SQLITE, 'node:sqlite'],
  ...[...MIDDLE, SQLITE, GATE_RULE, DOMAIN].map((to): Import => [ENGINE, to]),
  ...[WEB, CLI, NODE, PLUGIN].flatMap((from): Import[] => [
    [from, ENGINE],
    [from, DOMAIN],
    [from, 'node:path'],
  ]),
  [CLI, LEDGER],
  [CLI, SQLITE],
  [SIDEBAR, GATE_RULE],
  [NODE_EDITOR, GATE_RULE],
  [NODE_EDITOR, SIDEBAR],
  [NODE_EDITOR, 'nodes/approval/editor/rows.ts'],
  [NODE_EDITOR, MIGRATIONS],
  [NODE, MIGRATIONS],
  [MIGRATIONS, CONFIG_VERSION],
  [GOVERNANCE, GATE_RULE],
  [UI, 'vue'],
];

describe('boundaries between folders', function () {
  this.timeout(60_000);
  let house: string;
  let eslint: ESLint;

  before(() => {
    house = realpathSync(mkdtempSync(path.join(tmpdir(), 'waybill-boundaries-')));
    for (const file of FILES) {
      mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
      writeFileSync(path.join(house, file), 'export const value = 1;\n');
    }
    eslint = new ESLint({
      cwd: house,
      overrideConfigFile: path.join(ROOT, 'eslint.config.js'),
      overrideConfig: [
        tseslint.configs.disableTypeChecked,
        { languageOptions: { parserOptions: { project: null } }, settings: { 'boundaries/root-path': house } },
      ],
    });
  });

  after(() => {
    rmSync(house, { recursive: true, force: true });
  });

  /** Messages of the boundary rules and of the parser about one line of source. */
  async function messages(from: string, line: string): Promise<string[]> {
    const [result] = await eslint.lintText(`${line}\nexport const other = 1;\n`, { filePath: path.join(house, from) });
    assert.ok(result);
    assert.deepEqual(
      result.messages.filter((message) => message.fatal === true),
      [],
    );
    return result.messages.filter((message) => message.ruleId?.startsWith('boundaries/')).map((message) => message.message);
  }

  function specifier(from: string, to: string): string {
    if (!to.includes('/') || !to.endsWith('.ts')) {
      return to;
    }
    const relative = path.relative(path.dirname(from), to);
    return relative.startsWith('.') ? relative : `./${relative}`;
  }

  for (const [from, to] of FORBIDDEN) {
    it(`${from} must not import ${to}`, async () => {
      const target = specifier(from, to);
      const lines = [
        `import * as it from '${target}'; void it;`,
        `import type * as it from '${target}'; export type T = typeof it;`,
        `export * from '${target}';`,
        `void import('${target}');`,
      ];
      for (const line of lines) {
        assert.equal((await messages(from, line)).length, 1, line);
      }
    });
  }

  for (const [from, to] of ALLOWED) {
    it(`${from} may import ${to}`, async () => {
      assert.deepEqual(await messages(from, `import * as it from '${specifier(from, to)}'; void it;`), []);
    });
  }

  it('lets the web name the types of ledger ports, and nothing more', async () => {
    const target = specifier(WEB, LEDGER);
    assert.deepEqual(await messages(WEB, `import type * as it from '${target}'; export type T = typeof it;`), []);
    assert.equal((await messages(WEB, `import * as it from '${target}'; void it;`)).length, 1);
  });

// With CI=true the parser would believe that files do not change in one run; here their text changes from test to test.
process.env['TSESTREE_SINGLE_RUN'] = 'false';

  it('reports a file that lies in no known folder', async () => {
    assert.equal((await messages('src/utils/misc.ts', 'export const a = 1;')).length, 1);
  });
});
