import assert from 'node:assert/strict';

import { ConfigVersionError, migrationTo } from '../../nodes/config-version.ts';
import { nodesWithForm } from './support/sources.ts';

interface Migrations {
  readonly defaults: Readonly<Record<string, unknown>> & { readonly configVersion: number };
  readonly migrate: (config: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

async function migrationsOf(node: string): Promise<Migrations> {
  const module = (await import(`../../nodes/${node}/migrations.ts`)) as Readonly<Record<string, unknown>>;
  const named = (pattern: RegExp): unknown => Object.entries(module).find(([name]) => pattern.test(name))?.[1];
  return { defaults: named(/_DEFAULTS$/), migrate: named(/^migrate/) } as Migrations;
}

describe('configuration migrations', () => {
  for (const node of nodesWithForm()) {
    describe(node, () => {
      it('fills in a configuration without a version', async () => {
        const { defaults, migrate } = await migrationsOf(node);
        assert.deepEqual(migrate({}), defaults);
      });

      it('keeps what the configuration says, and what belongs to Node-RED', async () => {
        const { defaults, migrate } = await migrationsOf(node);
        const config = Object.freeze({ id: 'n1', z: 't1', wires: [['n2']], name: 'mine', unknownToUs: 1 });
        assert.deepEqual(migrate(config), { ...defaults, ...config });
      });

      it('is at rest on the current version', async () => {
        const { migrate } = await migrationsOf(node);
        const once = migrate({ name: 'mine' });
        assert.deepEqual(migrate(once), once);
      });

      it('reads a version that the edit dialog stored as text', async () => {
        const { defaults, migrate } = await migrationsOf(node);
        assert.equal(migrate({ configVersion: String(defaults.configVersion) })['configVersion'], defaults.configVersion);
      });

      it('turns numbers that the edit dialog stored as text into numbers', async () => {
        const { defaults, migrate } = await migrationsOf(node);
        for (const [property, value] of Object.entries(defaults)) {
          if (typeof value === 'number' && property !== 'configVersion') {
            assert.equal(migrate({ [property]: '17' })[property], 17);
            assert.equal(migrate({ [property]: ' ' })[property], value);
            assert.equal(migrate({ [property]: 'many' })[property], 'many');
          }
        }
      });

      it('refuses what a newer version made', async () => {
        const { defaults, migrate } = await migrationsOf(node);
        assert.throws(
          () => migrate({ configVersion: defaults.configVersion + 1 }),
          (error) => error instanceof ConfigVersionError && error.code === 'config-too-new' && error.message.includes('Update Waybill'),
        );
      });

      it('refuses a version that is none', async () => {
        const { migrate } = await migrationsOf(node);
        for (const configVersion of ['one', -1, 1.5, {}]) {
          assert.throws(() => migrate({ configVersion }), (error) => error instanceof ConfigVersionError && error.code === 'config-version-unreadable');
        }
      });
    });
  }

  it('runs the steps from the version of the flow to the current one, in order', () => {
    const migrate = migrationTo(
      { hours: 4, role: '', configVersion: 3 },
      {
        0: (config) => ({ ...config, trace: [0] }),
        1: ({ minutes, ...config }) => ({ ...config, hours: Number(minutes) / 60, trace: [...((config['trace'] as number[] | undefined) ?? []), 1] }),
      },
    );
    assert.deepEqual(migrate({ minutes: 120 }), { hours: 2, role: '', configVersion: 3, trace: [0, 1] });
    assert.deepEqual(migrate({ configVersion: 1, minutes: 60 }), { hours: 1, role: '', configVersion: 3, trace: [1] });
    assert.deepEqual(migrate({ configVersion: 2, hours: 7 }), { hours: 7, role: '', configVersion: 3 });
  });

  it('hands out defaults that nobody shares', () => {
    const migrate = migrationTo({ headers: [] as string[], configVersion: 1 });
    migrate({}).headers.push('spoilt');
    assert.deepEqual(migrate({}).headers, []);
  });
});
