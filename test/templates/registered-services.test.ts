import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { readServiceFolder } from '../../src/governance/service/folder.ts';

interface FlowNode { readonly id: string; readonly type: string; readonly stepId?: string; readonly service?: string; readonly operation?: string; readonly systemNode?: string; readonly kind?: string }

const services = new Map(globSync('services/*/*/service.json', { cwd: ROOT }).map((file) => {
  const { definition } = readServiceFolder(path.join(ROOT, path.dirname(file)));
  return [`${definition.id}@${definition.version}`, definition];
}));

describe('templates that call registered services', () => {
  for (const file of ['flows/receiving.json', ...globSync('templates/procure-to-pay/*/flow.json', { cwd: ROOT }).sort()]) {
    it(`${file}: each call names an operation that its service has, at a system of the right kind`, () => {
      const flow = JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as FlowNode[];
      const calls = flow.filter(({ type }) => type === 'waybill-call');
      assert.notEqual(calls.length, 0);
      for (const { stepId, service = '', operation = '', systemNode } of calls) {
        const definition = services.get(service);
        assert.ok(definition !== undefined && Object.hasOwn(definition.operations, operation), `${String(stepId)}: "${operation}" of "${service}"`);
        assert.equal(flow.find(({ id, type }) => id === systemNode && type === 'waybill-system')?.kind, definition.system, String(stepId));
      }
    });
  }
});
