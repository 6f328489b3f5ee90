import assert from 'node:assert/strict';
import fc from 'fast-check';
import { installedTemplates, nodesOfTemplate } from '../../../src/governance/gate/rules/installed.ts';
import { parametersOf, templateOf } from '../../../src/governance/gate/rules/provenance.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import { waybillId } from '../../../src/governance/template/ids.ts';
import { carriedOver, configSlotsOf, importOf } from '../../../src/governance/template/materialise.ts';
import { contentHash } from '../../../src/governance/template/normal-form.ts';
import { shapedFlow } from '../../../src/governance/template/shape.ts';
import type { TemplateError } from '../../../src/governance/template/template-error.ts';
import { exported, exportedFlow, flowManifest, manifest } from './support/templates.ts';

const block = { manifest, flow: shapedFlow(manifest, exported) };
const flow = { manifest: flowManifest, flow: shapedFlow(flowManifest, exportedFlow) };
const refused = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    return (error as TemplateError).details;
  }
  return [];
};

describe('what is imported to install a template', () => {
  it('is a block\'s definition under the id of its version, and one instance with the site\'s values', () => {
    const nodes = importOf(block, { instance: 'dock-1', parameters: { tolerance: '7.5', photo: true, key: 's3cret', hours: 4 }, configNodes: {} });
    const instance = nodes.at(-1)!;
    assert.equal(instance.type, `subflow:${waybillId('procure-to-pay/over-receipt@1.2.0')}`);
    assert.deepEqual(instance['env'], [{ name: 'tolerance', type: 'num', value: '7.5' }, { name: 'photo', type: 'bool', value: 'true' }, { name: 'key', type: 'cred', value: '' }]);
    assert.deepEqual(instance['credentials'], { key: 's3cret' });
    assert.equal(JSON.stringify(nodes).match(/s3cret/g)?.length, 1);
    const flows = readFlows(nodes);
    assert.deepEqual(Object.fromEntries([...parametersOf(flows, instance)].map(([name, { value }]) => [name, value])), { tolerance: '7.5', supervisor: 'supervisor', hours: '4', photo: 'true', key: '', limit: '5000' });
  });

  it('has the published content hash, with the site\'s config nodes and beside other installations', () => {
    for (const published of [block, flow]) {
      const [slot] = configSlotsOf(published);
      assert.deepEqual([slot!.type, slot!.name], ['waybill-site', 'the author\'s']);
      const site = { id: '0123456789abcdef', type: 'waybill-site', name: 'ours', siteId: 'dc-1' };
      const other = { id: 'fedcba9876543210', type: 'tab', label: 'other', env: [] };
      const one = importOf(published, { instance: 'one', configNodes: { [slot!.id]: site.id } });
      assert.ok(one.every(({ type }) => type !== 'waybill-site'));
      const two = importOf(published, { instance: 'two', configNodes: { [slot!.id]: site.id } });
      const known = new Set(one.map(({ id }) => id));
      const flows = readFlows([site, other, ...one, ...two.filter(({ id }) => !known.has(id))]);
      const installed = installedTemplates(flows);
      assert.equal(installed.length, published === block ? 1 : 2);
      for (const { id, version, kind, containers, instance } of installed) {
        assert.deepEqual([id, version, kind], [published.manifest.id, '1.2.0', published.manifest.kind]);
        assert.deepEqual(templateOf(containers[0]!), { id, version });
        assert.equal(contentHash(nodesOfTemplate(flows, containers)), contentHash(published.flow));
        if (kind === 'flow') assert.deepEqual([containers.length, ['one', 'two'].includes(instance)], [2, true]);
      }
    }
  });

  it('says all that is wrong with values, and makes nothing', () => {
    assert.deepEqual(refused(() => importOf(block, { instance: 'x', parameters: { tolerance: 11, supervisor: 'me', hours: '2.5', limit: 1, other: 1 }, configNodes: { nothere: 'x' } })), [
      'The template has no parameter "other".', 'Tolerance: must be <= 10.', 'Who decides: must be one of supervisor, site-manager.', 'Time to decide: must be integer.',
      'Highest amount: is 5000, set centrally.', 'The template refers to no config node "nothere".',
    ]);
    assert.deepEqual(refused(() => importOf(block, { instance: '', parameters: { tolerance: '' } })), ['Tolerance: is needed.', 'The installation needs a name that no other one has.']);
    assert.deepEqual(refused(() => importOf(block, { instance: 'x', parameters: { limit: 5000 } })), []);
  });

  it('keeps within central bounds whatever value comes', () => {
    fc.assert(fc.property(fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.integer({ min: -3, max: 14 }).map(String)), (tolerance) => {
      let nodes;
      try {
        nodes = importOf(block, { instance: 'x', parameters: { tolerance } });
      } catch (error) {
        assert.equal((error as TemplateError).code, 'wrong-value');
        return;
      }
      const value = Number(parametersOf(readFlows(nodes), nodes.at(-1)!).get('tolerance')!.value);
      assert.ok(value >= 0 && value <= 10, String(value));
    }));
  });

  it('carries values over to another version, and names those that it does not take', () => {
    const nodes = importOf(block, { instance: 'x', parameters: { tolerance: 9, supervisor: 'site-manager', photo: true } });
    const { photo: _photo, tolerance, ...rest } = manifest.parameters.properties;
    const next = { ...manifest, version: '2.0.0', parameters: { ...manifest.parameters, properties: { ...rest, tolerance: { ...tolerance!, 'x-waybill': { scope: 'site' as const, bounds: { maximum: 8 } } } } } };
    assert.deepEqual(carriedOver(next, parametersOf(readFlows(nodes), nodes.at(-1)!)), {
      parameters: { supervisor: 'site-manager', hours: 4 },
      dropped: [{ name: 'tolerance', message: 'Tolerance: 9 must be <= 8.' }, { name: 'photo', message: 'The parameter "photo" is no longer there.' }],
    });
  });
});
