import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { readBinding } from '../../connectors/rest/binding.ts';
import type { RestBinding } from '../../connectors/rest/binding.ts';

/** An operation as requests come to it. */
export interface OfferedOperation { readonly name: string; readonly operation: ServiceOperation; readonly binding: RestBinding }

export type Match =
  | { readonly kind: 'operation'; readonly offered: OfferedOperation; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'other-method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

interface Route { readonly offered: OfferedOperation; readonly pattern: RegExp; readonly names: readonly string[] }

const known = new WeakMap<ServiceDefinition, readonly Route[]>();

function routesOf(definition: ServiceDefinition): readonly Route[] {
  let routes = known.get(definition);
  if (routes !== undefined) return routes;
  routes = Object.entries(definition.operations).map(([name, operation]) => {
    const { binding } = readBinding(operation.binding);
    const names: string[] = [];
    const pattern = binding.path.split(/(\{[^{}]+\})/).map((part) => {
      if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part.slice(1, -1));
      return '([^/]+)';
    }).join('');
    return { offered: { name, operation, binding }, pattern: new RegExp(`^${pattern}$`), names };
  // A path of fixed text comes before one with parameters.
  }).sort((a, b) => a.names.length - b.names.length);
  known.set(definition, routes);
  return routes;
}

/** The operation that a method and a path below the service mean. The path is still encoded. */
export function operationAt(definition: ServiceDefinition, method: string, path: string): Match {
  const there = routesOf(definition).flatMap((route) => {
    const found = route.pattern.exec(path);
    return found === null ? [] : [{ route, values: found.slice(1) }];
  });
  if (there.length === 0) return { kind: 'none' };
  const hit = there.find(({ route }) => route.offered.binding.method === method);
  if (hit === undefined) return { kind: 'other-method', allow: [...new Set(there.map(({ route }) => route.offered.binding.method))].sort() };
  try {
    return { kind: 'operation', offered: hit.route.offered, parameters: Object.fromEntries(hit.route.names.map((name, i) => [name, decodeURIComponent(hit.values[i] ?? '')])) };
  } catch {
    return { kind: 'none' };
  }
}

/** An operation by its name. */
export function operationNamed(definition: ServiceDefinition, name: string): OfferedOperation | undefined {
  return routesOf(definition).find(({ offered }) => offered.name === name)?.offered;
}
