import type { AnnotationValue, Annotation } from './annotations.ts';
import type { EntitySet, EnumType, Navigation, ODataModel, ODataVersion, OperationModel, Property, Singleton, StructuredType, TypeOf } from './model.ts';
import { MetadataError } from './model.ts';
import { applyAnnotations } from './annotations.ts';

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface DraftType { kind: 'entity' | 'complex'; key: string[]; properties: Map<string, Writable<Property>>; navigation: Map<string, Writable<Navigation>>; open?: true; label?: string; base?: string }

/** What the readers of XML and of JSON put together; names are qualified by the schema's namespace, never by an alias. */
export class DraftModel {
  readonly types = new Map<string, DraftType>();
  readonly enums = new Map<string, EnumType>();
  /** Type definitions: names for a primitive type with bounds. */
  readonly definitions = new Map<string, TypeOf>();
  readonly sets = new Map<string, Writable<EntitySet>>();
  readonly singletons = new Map<string, Writable<Singleton>>();
  readonly operations: Writable<OperationModel>[] = [];
  readonly annotations: Annotation[] = [];
  /** Qualified names of entity containers. */
  readonly containers = new Set<string>();
  jsonBatch = false;

  annotate(target: string, term: string, value: AnnotationValue): void {
    this.annotations.push({ target, term, value });
  }

  /** @throws MetadataError when the metadata names what it does not have */
  finish(version: ODataVersion): ODataModel {
    applyAnnotations(this);
    const types: Record<string, StructuredType> = {};
    for (const [name, type] of this.types) types[name] = this.#flattened(name, type);
    for (const [name, { type }] of [...this.sets, ...this.singletons]) {
      if (types[type] === undefined) throw new MetadataError(`The metadata is not whole: "${name}" is of the type ${type}, which is not in it; read it anew from the system.`);
    }
    return {
      version, types, enums: Object.fromEntries(this.enums), sets: Object.fromEntries(this.sets), singletons: Object.fromEntries(this.singletons),
      operations: this.operations.map((operation) => ({
        ...operation, parameters: operation.parameters.map((each) => ({ ...each, ...this.#defined(each) })),
        ...(operation.returns === undefined ? {} : { returns: this.#defined(operation.returns) }),
      })),
      ...(this.jsonBatch ? { jsonBatch: true as const } : {}),
    };
  }

  #flattened(name: string, type: DraftType): StructuredType {
    const line = [type];
    for (let base = type.base; base !== undefined; base = line[0]!.base) {
      const next = this.types.get(base);
      if (next === undefined) throw new MetadataError(`The metadata is not whole: ${name} builds on the type ${base}, which is not in it; read it anew from the system.`);
      if (line.includes(next) || line.length > 50) throw new MetadataError(`The metadata is wrong: the type ${name} builds on itself; the system has to mend it.`);
      line.unshift(next);
    }
    const properties = line.flatMap((each) => [...each.properties]).map(([property, facets]) => [property, { ...facets, ...this.#defined(facets) }] as const);
    return {
      kind: type.kind, key: line.flatMap((each) => each.key), properties: Object.fromEntries(properties),
      navigation: Object.fromEntries(line.flatMap((each) => [...each.navigation])),
      ...(line.some((each) => each.open) ? { open: true } : {}), ...(type.label === undefined ? {} : { label: type.label }),
    };
  }

  /** A type definition is the type that it stands for, with its bounds. */
  #defined<T extends TypeOf>(facets: T): T {
    const definition = this.definitions.get(facets.type);
    return definition === undefined ? facets : { ...definition, ...facets, type: definition.type };
  }
}
