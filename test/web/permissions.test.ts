import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inScope, narrowSites, permissionsOf, permissions, roleTable, tokenScopes } from '../../src/web/server/permissions.ts';
import { parseTilePath } from '../../src/web/server/tile-path.ts';
import { metricsText } from '../../src/web/server/metrics-text.ts';

describe('web: permissions', () => {
  it('give administrators all and operators nothing', () => {
    assert.equal(permissionsOf(['admin']).size, permissions.length);
    assert.equal(permissionsOf(['operator']).size, 0);
    assert.equal(permissionsOf([]).size, 0);
  });

  it('let auditors read everything and change nothing', () => {
    const auditor = permissionsOf(['auditor']);
    assert.ok(permissions.filter((permission) => permission.includes('.read')).every((permission) => auditor.has(permission)));
    assert.ok([...auditor].every((permission) => permission.includes('.read')));
  });

  it('let a role that a template names work its tasks only', () => {
    assert.deepEqual([...permissionsOf(['quality-lead'])].sort(), ['cases.read', 'tasks.decide', 'tasks.read']);
  });

  it('have every role in the table of the documentation, and no other there', () => {
    const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const table = /\| Role \| Reads \| Does \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(page)?.[1] ?? '';
    const documented = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, role]) => role ?? ''));
    assert.deepEqual(documented.sort(), roleTable().map(({ role }) => role).sort());
    // The table's words against the rights behind them.
    const readers = ['admin', 'auditor', 'central-architect', 'engineer', 'process-owner', 'site-manager'];
    assert.deepEqual(roleTable().filter((row) => row.permissions.includes('ledger.read')).map(({ role }) => role).sort(), [...readers].sort());
    assert.deepEqual(roleTable().filter((row) => row.permissions.includes('accounts.manage')).map(({ role }) => role), ['admin']);
  });

  it('are not found on a prototype', () => {
    assert.deepEqual([...permissionsOf(['constructor'])].sort(), ['cases.read', 'tasks.decide', 'tasks.read']);
    assert.equal(permissionsOf(['admin'], ['constructor', '__proto__']).size, 0);
  });

  it('are narrowed by the scopes of a token, and together they reach everything', () => {
    assert.equal(permissionsOf(['admin'], ['read']).has('tasks.decide'), false);
    assert.equal(permissionsOf(['clerk'], ['admin']).size, 0);
    assert.equal(permissionsOf(['admin'], tokenScopes).size, permissions.length);
  });

  it('keep a token within the sites of its person', () => {
    assert.deepEqual(narrowSites(['dc-1'], ['*']), ['dc-1']);
    assert.deepEqual(narrowSites(['dc-1', 'dc-2'], ['dc-2', 'dc-3']), ['dc-2']);
    assert.deepEqual(narrowSites(['*'], ['dc-2']), ['dc-2']);
    assert.equal(inScope([], 'dc-1'), false);
  });
});

describe('web: tile paths (C2SP tlog-tiles)', () => {
  it('are read in their one canonical form', () => {
    assert.deepEqual(parseTilePath('0', '000'), { level: 0, index: 0, width: 256 });
    assert.deepEqual(parseTilePath('2', 'x001/x234/067.p/12'), { level: 2, index: 1_234_067, width: 12 });
    assert.deepEqual(parseTilePath('entries', '255'), { level: 'entries', index: 255, width: 256 });
    for (const [level, path] of [['0', 'x000/067'], ['0', '67'], ['0', '001.p/256'], ['0', '001.p/0'], ['0', '001.p/01'], ['64', '000'], ['00', '000'], ['0', 'x001/067/']] as const) {
      assert.equal(parseTilePath(level, path), undefined, `${level}/${path}`);
    }
  });
});

describe('web: metrics', () => {
  it('keep labels, units and one family together', () => {
    const text = metricsText({
      counters: { 'scans{site="dc-1"}': 2, 'scans{site="dc-2"}': 3, waybill_calls_total: 1, 'bad name': 1 }, gauges: { 'heap.bytes': 5, broken: Number.NaN }, ledger: undefined,
    }, 'ready');
    assert.equal(text, [
      '# TYPE waybill_ready gauge', 'waybill_ready 1', '# TYPE waybill_scans_total counter', 'waybill_scans_total{site="dc-1"} 2', 'waybill_scans_total{site="dc-2"} 3',
      '# TYPE waybill_calls_total counter', 'waybill_calls_total 1', '# TYPE waybill_heap_bytes gauge', 'waybill_heap_bytes 5', '',
    ].join('\n'));
  });
});
