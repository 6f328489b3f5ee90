import path from 'node:path';
import type { ServiceDefinition } from '../../../../src/domain/service/index.ts';
import { stageService } from '../../../../src/governance/catalogue/publisher/stage.ts';
import { release } from '../../../../src/governance/catalogue/publisher/release.ts';
import type { Release } from '../../../../src/governance/catalogue/publisher/release.ts';
import { readServiceFolder } from '../../../../src/governance/service/folder.ts';
import { packService } from '../../../../src/governance/service/pack.ts';
import { ROOT } from '../../../../scripts/lib/paths.ts';
import { FAMILY, signAll } from './central.ts';
import type { Central } from './central.ts';

/** The goods receipt of the demo ERP, with changes, under another id and version. */
export function someService(id: string, version: string, changes: Partial<ServiceDefinition> = {}): ServiceDefinition {
  const { definition } = readServiceFolder(path.join(ROOT, 'services', 'erp', 'goods-receipt'));
  return { ...definition, changelog: [{ version, date: '2026-11-01', changes: ['Now.'] }], ...changes, id, version };
}

export function packedService(id: string, version: string, changes: Partial<ServiceDefinition> = {}): Uint8Array {
  return packService({ folder: '', definition: someService(id, version, changes), readme: '# Goods receipt\n', samples: {} }).bytes;
}

/** Stages, signs by all owners of the family, and releases. */
export async function publishService(central: Central, packed: Uint8Array, options: { readonly now?: number } = {}): Promise<Release> {
  const now = options.now ?? Date.now();
  const { role } = await stageService(central.folder, packed, { ring: 'all', now });
  await signAll(central.folder, role === FAMILY ? central.owners : role === 'returns' ? central.returns : central.orders);
  return await release(central.folder, central.online, now);
}
