import assert from 'node:assert/strict';
import { noCatalogue } from '../../../src/engine/governance/no-catalogue.ts';
import { callersIn, serviceList } from '../../../src/engine/governance/service-views.ts';
import type { PublishedService } from '../../../src/governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { someService } from '../../governance/catalogue/support/services.ts';

const published = (version: string, life: Partial<PublishedService> = {}): PublishedService => ({
  definition: someService('erp/receiving', version), samples: {}, contentHash: 'sha256:x', status: 'published', ring: 'all', publishedAt: '2026-11-28T00:00:00.000Z', readme: '', signedBy: [], ...life,
});
const services = [published('1.9.0', { status: 'deprecated', sunset: '2027-06-30', successor: 'erp/receiving@1.10.0' }), published('1.10.0')];
const catalogue = { ...noCatalogue, services: () => services, service: (reference: string) => services.find(({ definition: { id, version } }) => `${id}@${version}` === reference) };
const call = (id: string, service: string, more: object = {}): FlowNode => ({ id, type: 'waybill-call', z: 't', name: id, service, operation: 'postReceipt', systemNode: 'erp', ...more });

describe('who calls which service', () => {
  it('is told by version, the newest first, with where each node stands and which system it calls', () => {
    const nodes: readonly FlowNode[] = [
      { id: 't', type: 'tab', label: 'Receiving' }, { id: 'erp', type: 'waybill-system', name: 'ERP north', kind: 'erp' },
      call('a', 'erp/receiving@1.9.0'), call('b', 'erp/receiving@1.9.0', { type: 'waybill-erp', systemNode: '' }), call('c', 'erp/none@1.0.0'), call('d', 'stock@1'),
    ];
    const { services: [row, ...others], strangers } = serviceList(catalogue, nodes);
    assert.deepEqual([others.length, row?.id, row?.owner, row?.system, row?.versions.map(({ version, status, successor }) => [version, status, successor])], [0, 'erp/receiving', 'Central IT, ERP', 'erp', [['1.10.0', 'published', undefined], ['1.9.0', 'deprecated', 'erp/receiving@1.10.0']]]);
    assert.deepEqual(row?.versions.map(({ callers }) => callers.map(({ node, place, system, operation }) => [node, place, system, operation])), [[], [['a', 'Receiving', 'ERP north', 'postReceipt'], ['b', 'Receiving', '', 'postReceipt']]]);
    assert.ok(row?.versions[0]?.operations.some(({ name, effect }) => name === 'postReceipt' && effect === 'writes'));
    assert.deepEqual(strangers.map(({ reference, callers }) => [reference, callers.map(({ node }) => node)]), [['erp/none@1.0.0', ['c']]]);
  });

  it('counts nodes that name no registered service by their own words', () => {
    const nodes: readonly FlowNode[] = [
      { id: 't', type: 'tab', label: 'Receiving' },
      call('a', 'stock', { systemNode: '', system: ' WMS ' }), call('b', '', { systemNode: '', system: '' }), call('c', '${SERVICE}', { systemNode: '', system: 'WMS' }),
    ];
    assert.deepEqual([...callersIn(nodes)].map(([service, of]) => [service, of.map(({ node, system }) => [node, system])]), [['stock', [['a', 'WMS']]], ['', [['b', '']]]]);
    assert.deepEqual(serviceList(catalogue, nodes).strangers, []);
  });

  it('is nothing on a site without a catalogue and without calls', () => {
    assert.deepEqual(serviceList(noCatalogue, []), { services: [], strangers: [] });
  });
});
