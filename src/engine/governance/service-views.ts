import { readServiceReference, serviceReference } from '../../domain/service/index.ts';
import type { PublishedService, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../governance/gate/rules/flows.ts';
import { textOf } from '../../governance/gate/rules/property.ts';
import { templateOf } from '../../governance/gate/rules/provenance.ts';
import { readFlows } from '../../governance/gate/rules/read-flows.ts';
import { serviceCalls } from '../../governance/gate/rules/service-calls.ts';
import { compareVersions } from '../../governance/gate/rules/versions.ts';

/** A node of the running flows that calls a service. */
export interface ServiceCaller {
  readonly node: string;
  readonly name: string;
  readonly type: string;
  /** Label of its tab, or name of its block. */
  readonly place: string;
  readonly operation: string;
  /** Of the governed step; '' when the node has none yet. */
  readonly step: string;
  /** Template that its tab or block says it comes from, as `id@version`. */
  readonly template?: string;
  /** Name of the system that it calls; '' when the node says none. */
  readonly system: string;
}

export interface ServiceVersionRow {
  readonly version: string;
  readonly status: PublishedService['status'];
  readonly sunset?: string;
  readonly successor?: string;
  readonly reason?: string;
  readonly ring: PublishedService['ring'];
  readonly operations: readonly { readonly name: string; readonly title: string; readonly effect: 'reads' | 'writes' }[];
  readonly callers: readonly ServiceCaller[];
}

/** A service with its versions, the newest first. */
export interface ServiceRow {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  /** The kind of system that offers it. */
  readonly system: string;
  readonly protocol: string;
  readonly versions: readonly ServiceVersionRow[];
}

export interface ServiceList {
  readonly services: readonly ServiceRow[];
  /** Services that running nodes call and the catalogue does not have. */
  readonly strangers: readonly { readonly reference: string; readonly callers: readonly ServiceCaller[] }[];
}

/** The calling nodes by the service that they name. */
export type Callers = ReadonlyMap<string, readonly ServiceCaller[]>;

/** Who calls what, by `family/name@1.2.0`, and by a node's own word where it names no registered service; '' where it has none. */
export function callersIn(nodes: readonly FlowNode[]): Callers {
  const flows = readFlows(nodes);
  const found = new Map<string, ServiceCaller[]>();
  for (const { node, named, reference, system } of serviceCalls(flows, { now: '' })) {
    const service = reference ?? named;
    if (service === undefined) continue;
    const place = flows.byId.get(node.z ?? '');
    const from = place === undefined ? undefined : templateOf(place);
    const caller = {
      node: node.id, name: node.name ?? '', type: node.type, place: place?.label ?? place?.name ?? '', operation: textOf(node, 'operation'),
      system: system === undefined ? textOf(node, 'system').trim() : system.name ?? '', step: textOf(node, 'stepId'), ...(from === undefined ? {} : { template: `${from.id}@${from.version}` }),
    };
    found.set(service, [...found.get(service) ?? [], caller]);
  }
  return found;
}

function row(versions: readonly PublishedService[], callers: Callers): ServiceRow {
  const { id, title, owner, system, protocol } = versions[0]!.definition;
  return {
    id, title, owner, system, protocol,
    versions: versions.map(({ definition, status, sunset, successor, reason, ring }) => ({
      version: definition.version, status, ring, ...(sunset === undefined ? {} : { sunset }), ...(successor === undefined ? {} : { successor }), ...(reason === undefined ? {} : { reason }),
      operations: Object.entries(definition.operations).map(([name, operation]) => ({ name, title: operation.title, effect: operation.effect })), callers: callers.get(serviceReference(definition)) ?? [],
    })),
  };
}

/** What the catalogue has of services for this site, by title, and which nodes of the running flows call them. */
export function serviceList(catalogue: SiteCatalogue, running: readonly FlowNode[]): ServiceList {
  const callers = callersIn(running);
  const byId = new Map<string, PublishedService[]>();
  for (const service of catalogue.services()) byId.set(service.definition.id, [...byId.get(service.definition.id) ?? [], service]);
  const services = [...byId.values()].map((versions) => row(versions.sort((a, b) => compareVersions(b.definition.version, a.definition.version)), callers));
  return {
    services: services.sort((a, b) => a.title.localeCompare(b.title, 'en')),
    strangers: [...callers].filter(([reference]) => readServiceReference(reference) !== undefined && catalogue.service(reference) === undefined).map(([reference, of]) => ({ reference, callers: of })),
  };
}
