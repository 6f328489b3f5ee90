import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { serviceRuleFactsOf } from '../../../src/governance/service/facts.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import { requestIncomplete } from '../../../src/governance/gate/rules/request-incomplete.ts';
import { runRules } from '../../../src/governance/gate/rules/run.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { fixtureContext } from '../support/fixture-context.ts';

describe('what the gate knows of a service', () => {
  it('are its operations with the contracts of their requests', () => {
    const definition = JSON.parse(readFileSync(new URL('../../../services/carrier/shipments/service.json', import.meta.url), 'utf8')) as ServiceDefinition;
    const facts = serviceRuleFactsOf([{ definition, status: 'published', ring: 'all', contentHash: '' }]);
    const flows = [
      { id: 'tms', type: 'waybill-system', kind: 'tms', url: 'https://tms.example.com', urlType: 'str' },
      { id: 'a', type: 'waybill-call', z: 't', systemNode: 'tms', service: 'carrier/shipments@1.0.0', operation: 'bookShipment', mapRequest: { rows: [{ to: '/reference', from: '/number' }] } },
    ];
    const { context, policy } = fixtureContext({ about: '', flows, context: { services: [...facts.values()] } });
    const [finding, ...others] = runRules(readFlows([{ id: 't', type: 'tab' }, ...flows]), context, policy, { rules: [requestIncomplete] });
    assert.deepEqual([finding?.node?.id, others], ['a', []]);
    assert.match(finding?.message ?? '', /carrier\/shipments@1\.0\.0 bookShipment nothing for \d+ fields that it requires: .*\/parcels/);
  });
});
