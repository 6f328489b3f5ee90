import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultTuning, settingsFromEnvironment } from '../../src/engine/settings.ts';
import { TRANSPARENCY_ERROR_CODES } from '../../src/ledger/transparency/index.ts';
import { problemTable } from '../../src/web/server/problems.ts';
import { filesIn, marked, missing, read, root, unions, withoutComments } from './support.ts';

/** What exists has its documentation, in one place. */
describe('documentation', () => {
  it('names every environment variable', () => {
    const variables = new Set<string>();
    for (const path of filesIn(['src', 'nodes', 'scripts', 'demo', 'test', 'bench', 'flows'], ['.ts', '.js', '.cjs', '.json', '.html', '.vue'])) {
      const source = path.endsWith('.json') ? read(path) : withoutComments(read(path));
      for (const [name] of source.matchAll(/\bWAYBILL_[A-Z0-9_]+\b/g)) if (!name.endsWith('_')) variables.add(name);
      for (const [, name] of source.matchAll(/\benv(?:\.|\[['"])([A-Z][A-Z0-9_]+)/g)) variables.add(name ?? '');
    }
    // The system's own, and what a test hands to its own script.
    for (const name of ['PATH', 'HOME', 'NODE_ENV', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'DEV', 'TMPDIR', 'CI', 'TSESTREE_SINGLE_RUN', 'MQTT_URL']) variables.delete(name);
    assert.ok(variables.has('WAYBILL_HOME') && variables.has('PORT') && variables.has('DEMO_ERP_STORE'));
    assert.deepEqual(missing(variables, marked('docs/settings.md')), []);
  });

  it('names every key of settings.js', () => {
    const page = read('docs/settings.md');
    assert.deepEqual(missing(Object.keys(defaultTuning), marked('docs/settings.md')), []);
    assert.deepEqual(Object.keys(settingsFromEnvironment({}, '/')).filter((key) => !page.includes(`    ${key}: `)), []);
  });

  it('gives the defaults as they are', () => {
    for (const [key, value] of Object.entries(defaultTuning)) assert.ok(read('docs/settings.md').includes(`| \`${key}\` | ${value} |`), key);
  });

  it('has every node with every property of its configuration', async () => {
    const page = read('docs/nodes.md');
    for (const path of filesIn(['nodes'], ['migrations.ts'])) {
      const node = dirname(path).split('/').at(-1) ?? '';
      const section = page.split(/^## /m).find((each) => each.startsWith(`waybill-${node}\n`));
      assert.ok(section, `docs/nodes.md has no section waybill-${node}`);
      const loaded = await import(join(root, path)) as Record<string, unknown>;
      const defaults = Object.entries(loaded).find(([name]) => name.endsWith('_DEFAULTS'))?.[1] as Record<string, unknown>;
      const common = new Set(['name', 'stepId', 'requires', 'configVersion']);
      const told = new Set([...section.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text));
      const untold = Object.keys(defaults).filter((key) => !common.has(key) && !key.endsWith('Type') && key !== 'matrix' && !told.has(key));
      assert.deepEqual(untold, [], node);
    }
  });

  it('has every command of the command line', () => {
    const pages = read('README.md') + filesIn(['docs'], ['.md']).map(read).join('\n');
    const commands = filesIn(['src/cli/commands'], ['.ts']).map((path) => path.split('/').at(-1)?.replace('.ts', '') ?? '');
    assert.ok(commands.length >= 4);
    for (const command of commands) {
      assert.ok(new RegExp(`waybill (-- )?${command}\\b`).test(pages), command);
      // Actions stand in the command's own usage text.
      for (const [, action] of read(`src/cli/commands/${command}.ts`).matchAll(new RegExp(`^  waybill ${command} ([a-z]+)`, 'gm'))) {
        assert.ok(new RegExp(`waybill (-- )?${command} [^\\n\`]*\\b${action}\\b`).test(pages), `${command} ${action}`);
      }
    }
  });

  describe('of errors', () => {
    // One place each; docs/errors.md says which.
    const pages = marked('docs/errors.md', 'docs/ledger.md', 'docs/refusals.md', 'docs/api.md');
    const declared = unions(/(ErrorCode|QuarantineReason|ArrivalProblem|ExceptionClass|RefusalCode|FindingCode)$/);

    it('finds the unions', () => {
      for (const name of ['LedgerErrorCode', 'AccountErrorCode', 'MqttIntakeErrorCode', 'QuarantineReason', 'ArrivalProblem', 'ExceptionClass', 'RefusalCode', 'FindingCode']) {
        assert.ok(declared.has(name), name);
      }
    });
    for (const [name, members] of declared) {
      it(`has every ${name}`, () => { assert.deepEqual(missing(members, pages), []); });
    }

    it('has every problem of the API and every error of the proofs', () => {
      assert.deepEqual(missing(Object.keys(problemTable), marked('docs/api.md')), []);
      assert.deepEqual(missing(Object.keys(TRANSPARENCY_ERROR_CODES), marked('docs/errors.md')), []);
    });

    it('has every code of an error class', () => {
      const codes = filesIn(['src', 'nodes'], ['.ts']).flatMap((path) =>
        [...withoutComments(read(path)).matchAll(/extends Error \{.*?readonly code(?::| =)([^;]*);/gs)].flatMap(([, body]) =>
          [...(body ?? '').matchAll(/'([a-z][a-z0-9-]*)'/g)].map(([, code]) => code ?? '')));
      assert.ok(codes.includes('too-large') && codes.includes('config-too-new'));
      assert.deepEqual(missing(codes, pages), []);
    });

    it('has every exception that engine and rules raise', () => {
      const codes = new Set<string>();
      for (const path of filesIn(['src/engine', 'src/domain'], ['.ts'])) {
        for (const [, code] of withoutComments(read(path)).matchAll(/class: '[a-z-]+'[^{}]*?\bcode: ['`]([a-z-]+)[:'`]/gs)) codes.add(code ?? '');
      }
      assert.ok(codes.has('call-rejected') && codes.has('orphan'));
      assert.deepEqual([...codes].filter((code) => !read('docs/errors.md').includes(`\`${code}`)), []);
    });
  });

  it('names every figure that operations may watch', () => {
    const told = read('docs/operations.md') + read('docs/mqtt-brokers.md');
    const counters = new Set<string>();
    for (const path of filesIn(['src/engine', 'src/intake'], ['.ts'])) {
      for (const [, name] of read(path).matchAll(/\.(?:add|count)\('([a-z0-9_]+)'/g)) counters.add(name ?? '');
    }
    assert.ok(counters.has('cases_opened') && counters.has('scans_qos0'));
    assert.deepEqual([...counters].filter((name) => !told.includes(`waybill_${name}_total`) && !told.includes(`\`${name}\``)), []);
    const gauges = /gauges: \{\n(.*?)\n\s*\},\n/s.exec(read('src/engine/engine.ts'))?.[1] ?? '';
    const names = [...gauges.matchAll(/\b([a-z0-9_]+):/g)].map(([, name]) => name ?? '');
    assert.ok(names.includes('tokens_in_flight'));
    assert.deepEqual(names.filter((name) => !told.includes(`waybill_${name}`)), []);
  });

  it('leads nowhere that is not there', () => {
    const broken: string[] = [];
    for (const page of ['README.md', 'CONTRIBUTING.md', ...filesIn(['docs', 'demo', 'test'], ['.md'])]) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#[^)]*)?\)/g)) {
        if (target !== undefined && target !== '' && !existsSync(join(root, dirname(page), target))) broken.push(`${page}: ${target}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  it('numbers decisions once', () => {
    const numbers = filesIn(['docs/decisions'], ['.md']).map((path) => path.split('/').at(-1)?.slice(0, 4) ?? '');
    assert.equal(new Set(numbers).size, numbers.length, numbers.sort().join(', '));
  });
});
