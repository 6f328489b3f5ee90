import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { demoCatalogue } from '../../src/governance/catalogue/demo.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { ROOT } from './paths.ts';

/**
 * A signed catalogue in a folder that has the services of the demo ERP alone, otherwise than they ship: for flows that are to give up sooner, or never.
 * Returns the variables by which a site takes it.
 */
export async function serviceCatalogue(folder: string, otherwise: Partial<ServiceDefinition>): Promise<Readonly<Record<string, string>>> {
  const services = path.join(folder, 'services');
  for (const name of ['goods-receipt', 'stock-transfers']) {
    const at = path.join(services, 'erp', name);
    cpSync(path.join(ROOT, 'services/erp', name), at, { recursive: true });
    const file = path.join(at, 'service.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as ServiceDefinition, ...otherwise }));
  }
  const made = await demoCatalogue(path.join(folder, 'catalogue'), path.join(folder, 'templates'), { now: Date.now(), services, log: (text) => { throw new Error(text); } });
  if (made === undefined) throw new Error(`There is no service in ${services}: ${readdirSync(services).join(', ')}.`);
  return { WAYBILL_CATALOGUE: made.source, WAYBILL_CATALOGUE_ROOT: made.rootFile };
}
