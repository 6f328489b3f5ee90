import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { packTemplate } from '../../../src/governance/template/pack.ts';
import type { TemplateManifest } from '../../../src/governance/template/manifest.ts';
import { makeCentral, publishTemplate, signAll } from '../../governance/catalogue/support/central.ts';
import type { Central } from '../../governance/catalogue/support/central.ts';
import { stagePolicy } from '../../../src/governance/catalogue/publisher/stage.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { startGated } from '../../governance/gate/support/gated-node-red.ts';
import type { Gated } from '../../governance/gate/support/gated-node-red.ts';
import { packedService, publishService } from '../../governance/catalogue/support/services.ts';
import { exported, exportedFlow, flowManifest, manifest, templateFolder } from '../../governance/template/support/templates.ts';

/** A site with the gate and a catalogue that holds a block, a flow and a service, and the central that publishes them. */
export interface GovernedSite {
  readonly central: Central;
  readonly nodeRed: Gated;
  readonly home: string;
  stop(): Promise<void>;
}

/** Node-RED's editor keeps the properties that a node's form knows, and no others. */
const block = exported.map(({ percent: _percent, ...node }) => {
  const { site: _site, ...rest } = node;
  return rest;
});

const flowOfTabs = exportedFlow.map(({ days: _days, ...node }) => {
  const { site: _site, ...rest } = node;
  return rest;
});

export const BLOCK = manifest.id;
export const FLOW = flowManifest.id;

/** Publishes another version of the block; `change` makes its flow another one. */
export async function publishBlock(central: Central, version: string, more: Partial<TemplateManifest> = {}, change: (flow: readonly object[]) => readonly object[] = (flow) => flow): Promise<void> {
  const of = { ...manifest, ...more, version, changelog: [{ version, date: '2026-11-28', changes: [`Version ${version}.`] }, ...manifest.changelog.filter((entry) => entry.version !== version)] };
  await publishTemplate(central, Buffer.from(packTemplate(templateFolder({ manifest: of, flow: change(block) })).bytes));
}

export async function publishFlow(central: Central, version: string, change: (flow: readonly object[]) => readonly object[] = (flow) => flow): Promise<void> {
  const of = { ...flowManifest, title: 'Inbound returns', version, changelog: [{ version, date: '2026-11-28', changes: [`Version ${version}.`] }] };
  await publishTemplate(central, Buffer.from(packTemplate(templateFolder({ manifest: of, flow: change(flowOfTabs) })).bytes));
}

async function setPolicy(central: Central, policy: object): Promise<void> {
  await stagePolicy(central.folder, Buffer.from(JSON.stringify(policy)), Date.now());
  await signAll(central.folder, central.board);
  await release(central.folder, central.online, Date.now());
}

/** What stands alone on the canvas here has no case to open and close. */
const ABOUT_CASES = ['case-closed-after', 'case-opened-before-governed', 'error-outputs-wired'];

export async function startGovernedSite(version: string): Promise<GovernedSite> {
  const central = await makeCentral();
  await setPolicy(central, { version: '2026-11', rules: Object.fromEntries(ABOUT_CASES.map((rule) => [rule, { level: 'warn' }])) });
  await publishBlock(central, '1.2.0');
  await publishService(central, packedService('procure-to-pay/erp-receiving', '1.0.0'));
  await publishFlow(central, '1.0.0');
  const userDir = mkdtempSync(path.join(tmpdir(), 'waybill-governed-'));
  const nodeRed = await startGated({
    version, userDir,
    env: { WAYBILL_CATALOGUE: central.public, WAYBILL_CATALOGUE_ROOT: central.rootFile },
    settings: { editorTheme: { tours: false, palette: { catalogues: [] } }, telemetry: { enabled: false, updateNotification: false } },
  });
  return {
    central, nodeRed, home: path.join(userDir, 'waybill-home'),
    stop: async () => {
      await nodeRed.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}
