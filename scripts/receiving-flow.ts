/**
 * `node scripts/receiving-flow.ts`: makes the receiving flow of `npm start` anew, which is the template
 * procure-to-pay/goods-receipt as it is installed at the demo's site.
 */
import path from 'node:path';
import { importOf } from '../src/governance/template/materialise.ts';
import { packTemplate } from '../src/governance/template/pack.ts';
import { writeIfChanged } from './lib/files.ts';
import { ROOT } from './lib/paths.ts';

/** Config nodes that all examples share, so that importing several of them leaves one of each. */
const SITE = {
  id: 'a544b031ad817e8d', type: 'waybill-site', name: 'Distribution centre 1', siteId: 'dc-1', enterprise: 'acme', legalEntity: 'ACME GmbH', timeZone: 'Europe/Berlin',
  stallSeconds: 60, hopLimit: 100, gln: '', configVersion: 1,
};
const BROKER = { id: 'c44094e4242cdb09', type: 'waybill-broker', name: '', url: '', clientId: '', sessionExpirySeconds: 604_800, tls: '', protocol: 'auto', keepaliveSeconds: 30, sharedGroup: '', configVersion: 1 };
const SYSTEM = { id: '7d1c0e5a94b32f68', type: 'waybill-system', name: 'erp', kind: 'erp', url: 'WAYBILL_ERP_URL', urlType: 'env', database: '', hostKey: '', caFile: '', certFile: '', keyFile: '', proxy: '', proxyUser: '', secrets: [], configVersion: 1 };
const CONFIGS = [SITE, BROKER, SYSTEM];

/** The flow as it is offered. */
export function receivingFlow(): string {
  const template = packTemplate(path.join(ROOT, 'templates/procure-to-pay/goods-receipt'));
  const configNodes = Object.fromEntries(template.flow.flatMap(({ id, type }) => CONFIGS.filter((own) => own.type === type).map((own) => [id, own.id])));
  const installed = importOf(template, { instance: 'receiving', configNodes }).map((node) => (node.type === 'tab' ? { ...node, label: 'Receiving' } : node));
  return `${JSON.stringify([...installed, ...CONFIGS], undefined, 1)}\n`;
}

if (import.meta.main) for (const file of ['flows/receiving.json', 'examples/00-receiving.json']) writeIfChanged(path.join(ROOT, file), receivingFlow());
