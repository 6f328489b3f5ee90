import assert from 'node:assert/strict';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { importOf } from '../../../src/governance/template/materialise.ts';
import { packTemplate } from '../../../src/governance/template/pack.ts';

interface Row { readonly name: string; readonly type: string; readonly value: string; readonly ui: { readonly type: string; readonly label: Readonly<Record<string, string>>; readonly opts?: { readonly min?: number; readonly max?: number; readonly opts?: readonly { readonly v: string }[] } } }

/** The block that comes with the package, as it stands in the editor of a site. */
describe('the block quality hold', () => {
  const block = packTemplate(path.join(ROOT, 'templates/inventory-movement/quality-hold'));
  const definition = (nodes: readonly object[]): { readonly env: readonly Row[]; readonly info: string; readonly category: string; readonly meta: object; readonly outputLabels: readonly string[] } => nodes.find((node) => (node as { type?: string }).type === 'subflow') as never;

  it('has a form with a row of the right kind for each parameter, and says what it is', () => {
    const { env, info, category, meta, outputLabels } = definition(block.flow);
    const rows = new Map(env.map((row) => [row.name, row]));
    assert.deepEqual([...rows.values()].map(({ name, type, ui }) => `${name} ${type} ${ui.type}`), [
      'bookedAs str select', 'decider str select', 'hours num spinner', 'photos num spinner', 'photographer str select', 'holdArea str input', 'erpKey cred cred', 'secondPersonFrom num none',
    ]);
    assert.deepEqual(rows.get('decider')!.ui.opts!.opts!.map(({ v }) => v), ['quality', 'quality-lead', 'warehouse-lead']);
    assert.deepEqual(rows.get('hours')!.ui.opts, { min: 1, max: 72 });
    assert.equal(rows.get('erpKey')!.value, '');
    assert.equal(rows.get('secondPersonFrom')!.ui.label['en-US'], 'Two people release from (EUR): 5000, set centrally');
    assert.equal(category, 'Waybill templates');
    assert.deepEqual({ ...meta }, { module: 'waybill-template', type: 'inventory-movement/quality-hold', version: '1.0.0', author: 'Quality management', desc: block.manifest.summary });
    assert.deepEqual(outputLabels, ['released', 'blocked']);
    // As code: what has an @ in it would be shown as the address of somebody.
    assert.match(info, /`inventory-movement\/quality-hold@1\.0\.0`[^]*- \*\*Time to decide \(h\)\*\*: [^]*\*\*Two people release from \(EUR\)\*\*:.*Set centrally\./);
  });

  it('is set within its bounds; the secret goes to the credentials, and what is set centrally stays', () => {
    const nodes = importOf(block, { instance: 'returns', parameters: { hours: '48', decider: 'quality-lead', erpKey: 'k-1' } });
    const instance = nodes.at(-1)! as unknown as { readonly env: readonly object[]; readonly credentials: object; readonly wires: readonly unknown[] };
    assert.deepEqual([instance.credentials, instance.wires.length, JSON.stringify(instance.env).includes('k-1')], [{ erpKey: 'k-1' }, 2, false]);
    assert.deepEqual(instance.env.map((entry) => { const { name, value } = entry as Row; return `${name}=${value}`; }), ['decider=quality-lead', 'hours=48', 'erpKey=']);
    for (const [parameters, sentence] of [[{ hours: 73 }, /Time to decide: must be <= 72/], [{ decider: 'anybody' }, /Who decides: must be one of quality, /], [{ secondPersonFrom: 6_000 }, /is 5000, set centrally/], [{ photos: 1.5 }, /Photos before the decision: must be integer/]] as const) {
      assert.throws(() => importOf(block, { instance: 'x', parameters }), sentence);
    }
  });
});
