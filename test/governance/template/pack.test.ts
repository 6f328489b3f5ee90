import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waybillId } from '../../../src/governance/template/ids.ts';
import { contentHash } from '../../../src/governance/template/normal-form.ts';
import { packTemplate, readPacked } from '../../../src/governance/template/pack.ts';
import type { TemplateError } from '../../../src/governance/template/template-error.ts';
import { exported, exportedFlow, flowManifest, manifest, templateFolder } from './support/templates.ts';

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const refusal = (run: () => unknown): TemplateError => {
  try {
    run();
  } catch (error) {
    return error as TemplateError;
  }
  throw new assert.AssertionError({ message: 'was not refused' });
};

describe('packing a template', () => {
  const folders: string[] = [];
  const folder = (...args: Parameters<typeof templateFolder>): string => {
    folders.push(templateFolder(...args));
    return folders.at(-1)!;
  };
  after(() => { for (const each of folders) rmSync(each, { recursive: true }); });

  it('makes the same bytes of the same content, whatever the export looks like', () => {
    const one = packTemplate(folder());
    const shuffled = [...exported].reverse().map((node) => ('x' in node ? { ...node } : node));
    assert.deepEqual(packTemplate(folder({ flow: shuffled })).bytes, one.bytes);
    assert.equal(one.target, 'templates/procure-to-pay/over-receipt/1.2.0.json');
    assert.deepEqual(packTemplate(folder({ flow: one.flow })).bytes, one.bytes, 'what was packed packs to the same');
  });

  it('makes a block that says where it is from, with its form, and leaves out the author\'s instance', () => {
    const { flow } = packTemplate(folder());
    const definition = flow.find(({ type }) => type === 'subflow')!;
    assert.equal(definition.id, waybillId('procure-to-pay/over-receipt@1.2.0'));
    assert.deepEqual(definition['meta'], { module: 'waybill-template', type: manifest.id, version: '1.2.0', author: 'Receiving', desc: manifest.summary });
    assert.deepEqual((definition['env'] as { name: string; type: string; value: string; ui: { type: string; opts?: unknown; label: unknown } }[]).map(({ name, type, value, ui }) => [name, type, value, ui.type, ui.opts, ui.label]), [
      ['tolerance', 'num', '5', 'input', { types: ['num'] }, { 'en-US': 'Tolerance (%)' }],
      ['supervisor', 'str', 'supervisor', 'select', { opts: [{ l: { 'en-US': 'supervisor' }, v: 'supervisor' }, { l: { 'en-US': 'site-manager' }, v: 'site-manager' }] }, { 'en-US': 'Who decides' }],
      ['hours', 'num', '4', 'spinner', { min: 1, max: 24 }, { 'en-US': 'Time to decide (h)' }],
      ['photo', 'bool', 'false', 'checkbox', undefined, { 'en-US': 'Photo wanted' }],
      ['key', 'cred', '', 'cred', undefined, { 'en-US': 'Key of the scale' }],
      ['limit', 'num', '5000', 'none', undefined, { 'en-US': 'Highest amount (EUR): 5000, set centrally' }],
    ]);
    assert.deepEqual(flow.filter(({ type }) => type.startsWith('subflow:')), []);
    assert.ok(flow.every(({ id }) => /^[0-9a-f]{16}$/.test(id)));
  });

  it('keeps what the author\'s own export hashes to, but for the variables that it adds', () => {
    const { flow, contentHash: hash } = packTemplate(folder({ manifest: flowManifest, flow: exportedFlow }));
    assert.equal(hash, contentHash(flow));
    assert.equal(hash, contentHash(exportedFlow.map((node) => (node.type === 'tab' ? { ...node, env: [{ name: 'days', type: 'num', value: '4' }] } : node)).map((node) => (node.id === 'go' ? { ...node, links: ['come'] } : node))));
  });

  it('says what is wrong with a folder', () => {
    assert.deepEqual([refusal(() => packTemplate(folder({ manifest: { ...manifest, kind: 'tab', extra: 1 } }))).code, refusal(() => packTemplate(folder({ manifest: { ...manifest, kind: 'tab', extra: 1 } }))).details], ['wrong-manifest', ['"extra" is not known here; mend its spelling or take it out', 'kind: must be one of block, flow']]);
    assert.match(refusal(() => packTemplate(folder({ flow: exportedFlow.filter(({ type }) => type !== 'subflow') }))).message, /no subflow/);
    assert.match(refusal(() => packTemplate(folder({ manifest: flowManifest }))).message, /no tab/);
    assert.match(refusal(() => packTemplate(folder({ flow: exported.map((node) => (node.id === 'sub' ? { ...node, env: [{ name: 'other', type: 'str', value: '' }] } : node)) }))).message, /no parameters: other/);
    assert.equal(refusal(() => packTemplate(folder({ flow: [{ type: 'tab' }] }))).code, 'wrong-flow');
    const broken = folder();
    writeFileSync(path.join(broken, 'flow.json'), '[{');
    assert.equal(refusal(() => packTemplate(broken)).code, 'unreadable');
    rmSync(path.join(broken, 'flow.json'));
    assert.match(refusal(() => packTemplate(broken)).message, /flow\.json is missing/);
  });

  describe('refuses when it is read', () => {
    const good = (): Record<string, unknown> => JSON.parse(new TextDecoder().decode(packTemplate(folder()).bytes)) as Record<string, unknown>;
    const nodes = (value: Record<string, unknown>): Record<string, unknown>[] => value['flow'] as Record<string, unknown>[];
    const changed = (change: (value: Record<string, unknown>) => void): Uint8Array => {
      const value = good();
      change(value);
      return encoded(value);
    };
    it('nothing that it has packed', () => { assert.deepEqual(readPacked(encoded(good())), good()); });

    const hostile: readonly [string, () => Uint8Array, RegExp][] = [
      ['more than 4 MiB', () => encoded(' '.repeat(4 * 1024 * 1024 + 1)), /at most 4194304 bytes/],
      ['lists nested past any stack', () => encoded(`{"manifest":${'['.repeat(2_000_000)}`), /deeper than 100 levels/],
      ['no JSON', () => encoded('{"manifest":'), /no JSON/],
      ['no UTF-8', () => Uint8Array.of(0xff, 0xfe), /no JSON/],
      ['a list', () => encoded('[]'), /no JSON object/],
      ['a prototype', () => encoded(`{"__proto__":{"admin":true},${JSON.stringify(good()).slice(1)}`), /"__proto__"/],
      ['a prototype deep inside, written with escapes', () => encoded(JSON.stringify(good()).replace('"readme":', '"\\u005f_proto__":{},"readme":')), /"__proto__"/],
      ['members that nobody knows', () => changed((value) => { value['script'] = 'x'; }), /"script" that is not known/],
      ['an id that leads out of the catalogue', () => changed((value) => { (value['manifest'] as Record<string, unknown>)['id'] = '../../etc/passwd'; }), /manifest of the packed template cannot be used/],
      ['a version that leads out of it', () => changed((value) => { (value['manifest'] as Record<string, unknown>)['version'] = '1.0.0/../../x'; }), /manifest of the packed template cannot be used/],
      ['a test whose name leads out of the folder', () => changed((value) => { value['tests'] = { '../../.bashrc.json': {} }; }), /no name of a file/],
      ['a flow that is no list', () => changed((value) => { value['flow'] = { length: 1 }; }), /must have manifest, flow/],
      ['thousands of nodes', () => changed((value) => { value['flow'] = Array.from({ length: 5001 }, () => ({})); }), /at most 5000 nodes/],
      ['nodes that are none', () => changed((value) => { value['flow'] = [null, 1, 'x']; }), /flow of the packed template cannot be used/],
      ['an id twice', () => changed((value) => { nodes(value)[2]!['id'] = nodes(value)[1]!['id']; }), /cannot be used/],
      ['an id that is markup', () => changed((value) => { nodes(value)[1]!['id'] = '"><img src=x>'; }), /cannot be used/],
      ['credentials', () => changed((value) => { nodes(value)[1]!['credentials'] = { password: 'x' }; }), /cannot be used/],
      ['a node that stands elsewhere', () => changed((value) => { nodes(value).push({ id: 'ffffffffffffffff', type: 'exec', z: 'eeeeeeeeeeeeeeee', x: 1, y: 1, wires: [] }); }), /cannot be used/],
      ['a tab beside a block', () => changed((value) => { nodes(value).push({ id: 'ffffffffffffffff', type: 'tab', label: 'x' }); }), /cannot be used/],
      ['a block that says it is another', () => changed((value) => { for (const node of nodes(value)) if (node['type'] === 'subflow') node['meta'] = { ...node['meta'] as object, type: 'procure-to-pay/other' }; }), /cannot be used/],
      ['a parameter past what the manifest says', () => changed((value) => { for (const node of nodes(value)) if (node['type'] === 'subflow') (node['env'] as { value: string }[])[5]!.value = '999999'; }), /cannot be used/],
    ];
    for (const [what, bytes, message] of hostile) {
      it(what, () => {
        const error = refusal(() => readPacked(bytes()));
        assert.equal(error.code, 'wrong-package', error.stack);
        assert.match(error.message, message);
        assert.equal(({} as Record<string, unknown>)['admin'], undefined);
      });
    }
  });
});
