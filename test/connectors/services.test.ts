import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { driverOf } from '../../src/engine/services/drivers.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('services that come with the package', () => {
  for (const file of globSync('services/*/*/service.json', { cwd: root }).sort()) {
    it(`${file} can be spoken as it stands`, () => {
      const service = JSON.parse(readFileSync(root + file, 'utf8')) as ServiceDefinition;
      const driver = driverOf(service.protocol);
      assert.ok(driver, service.protocol);
      assert.deepEqual(driver.problems(service), []);
    });
  }
});
