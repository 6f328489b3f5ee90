import type { ODataModel, Property } from '../metadata/model.ts';
import { own, shortName } from '../metadata/model.ts';

/** What a form lets somebody choose from, in the order of the metadata. */
export interface Browsed {
  readonly version: string;
  readonly sets: readonly BrowsedSet[];
  readonly operations: readonly { readonly name: string; readonly label: string; readonly kind: 'action' | 'function'; readonly entitySet?: string; readonly parameters: readonly { readonly name: string; readonly type: string; readonly required: boolean }[] }[];
}

export interface BrowsedSet {
  readonly name: string;
  readonly label: string;
  readonly singleton: boolean;
  readonly key: readonly string[];
  /** What can be done with it: `read`, `query`, `create`, `update`, `delete`. */
  readonly can: readonly string[];
  readonly etag: boolean;
  readonly properties: readonly { readonly name: string; readonly label: string; readonly type: string; readonly required: boolean; readonly nullable: boolean; readonly computed: boolean; readonly filterable: boolean; readonly maxLength?: number; readonly scale?: number }[];
  readonly navigation: readonly { readonly name: string; readonly entitySet?: string; readonly list: boolean }[];
}

/** The metadata as pickers need them. */
export function browse(model: ODataModel): Browsed {
  const setOf = (type: string): string | undefined => Object.entries(model.sets).find(([, set]) => set.type === type)?.[0];
  const named = [...Object.entries(model.sets).map(([name, set]) => ({ name, set, singleton: false })), ...Object.entries(model.singletons).map(([name, set]) => ({ name, set, singleton: true }))];
  return {
    version: model.version,
    sets: named.map(({ name, set, singleton }) => {
      const type = model.types[set.type]!;
      const rights = own(model.sets, name);
      return {
        name, label: set.label ?? type.label ?? name, singleton, key: type.key, etag: rights?.etag === true,
        can: ['read', ...(singleton ? [] : ['query']), ...(singleton || rights?.creatable === false ? [] : ['create']), ...(rights?.updatable === false ? [] : ['update']), ...(singleton || rights?.deletable === false ? [] : ['delete'])],
        properties: Object.entries(type.properties).map(([property, facets]) => browsedProperty(property, facets)),
        navigation: Object.entries(type.navigation).map(([navigation, { type: target, collection }]) => {
          const entitySet = setOf(target);
          return { name: navigation, list: collection === true, ...(entitySet === undefined ? {} : { entitySet }) };
        }),
      };
    }),
    operations: model.operations.map((operation) => {
      const entitySet = operation.bound === undefined ? undefined : setOf(operation.bound.type);
      return {
        name: operation.name, label: operation.label ?? shortName(operation.name), kind: operation.kind, ...(entitySet === undefined ? {} : { entitySet }),
        parameters: operation.parameters.map((each) => ({ name: each.name, type: each.type, required: each.optional !== true && each.nullable === false })),
      };
    }),
  };
}

function browsedProperty(name: string, facets: Property): BrowsedSet['properties'][number] {
  return {
    name, label: facets.label ?? name, type: facets.collection === true ? `list of ${facets.type}` : facets.type, required: facets.nullable === false && facets.hasDefault !== true && facets.computed !== true,
    nullable: facets.nullable !== false, computed: facets.computed === true, filterable: facets.filterable !== false, ...(facets.maxLength === undefined ? {} : { maxLength: facets.maxLength }), ...(facets.scale === undefined ? {} : { scale: facets.scale }),
  };
}
