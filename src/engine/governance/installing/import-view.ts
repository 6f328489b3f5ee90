import { randomBytes } from 'node:crypto';
import type { SiteCatalogue } from '../../../governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../governance/gate/rules/flows.ts';
import { configSlotsOf, importOf } from '../../../governance/template/materialise.ts';
import type { ConfigSlot } from '../../../governance/template/materialise.ts';

export interface ImportView {
  readonly kind: 'block' | 'flow';
  readonly nodes: readonly FlowNode[];
  /** Config nodes that the template refers to; a site that has several of a type is asked which. */
  readonly configs: readonly ConfigSlot[];
}

export interface ImportQuestion {
  readonly id: string;
  readonly version: string;
  /** By type of a config node: the site's own in the place of the template's. */
  readonly configs: ReadonlyMap<string, string>;
  /** Names of installed flows that are taken. */
  readonly taken: ReadonlySet<string>;
}

/** Fresh nodes of a version for the workspace; one sentence when it may not be installed. */
export function importView(catalogue: SiteCatalogue, { id, version, configs, taken }: ImportQuestion): ImportView | string {
  const published = catalogue.template(id, version);
  if (published === undefined) return `The catalogue of this site does not have ${id} ${version}.`;
  if (published.status === 'retired') return `${published.manifest.title} ${version} is retired, so it cannot be installed any more. Take a newer version.`;
  const slots = configSlotsOf(published);
  const { kind } = published.manifest;
  return {
    kind, configs: slots,
    nodes: importOf(published, { instance: kind === 'block' ? newId() : freeName(published.manifest.id, taken), configNodes: siteConfigs(slots, configs) }),
  };
}

/** Config nodes of the site by the slots that they fill. */
function siteConfigs(slots: readonly ConfigSlot[], byType: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries(slots.flatMap(({ id, type }) => {
    const own = byType.get(type);
    return own === undefined || own === id ? [] : [[id, own]];
  }));
}

/** Name of an installed flow, which is a part of its steps' addresses: `goods-receipt`, `goods-receipt-2` and so on. */
export function freeName(id: string, taken: ReadonlySet<string>): string {
  const name = id.split('/').at(-1)!;
  for (let i = 1; ; i += 1) {
    const candidate = i === 1 ? name : `${name}-${i}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** As Node-RED makes them. */
function newId(): string {
  return randomBytes(8).toString('hex');
}
