import type { XmlElement } from '../../xml.ts';
import { childrenOf } from '../../xml.ts';
import { annotationsOf, annotationValue } from './xml-annotations.ts';
import { DraftModel } from './draft-model.ts';
import type { DraftType, Writable } from './draft-model.ts';
import { MetadataError } from './model.ts';
import type { EntitySet, Navigation, ODataModel, ODataVersion, Parameter, Property, TypeOf } from './model.ts';

const SAP = '{http://www.sap.com/Protocols/SAPData}';
const M = '{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}';

/**
 * Reads EDMX with CSDL of V2 (CSDL 2.0 to 3.0 with the annotations of SAP) or of V4 and 4.01 (OData CSDL XML).
 *
 * @throws MetadataError for what is no EDMX, or is of another version
 */
export function modelFromXml(root: XmlElement): ODataModel {
  if (root.name !== 'Edmx') {
    throw new MetadataError(`What the system calls its metadata begins with <${root.name}> and not with <Edmx>; give the address of the service, whose $metadata is below it.`);
  }
  const services = childrenOf(root, 'DataServices')[0];
  const schemas = services === undefined ? [] : childrenOf(services, 'Schema');
  if (services === undefined || schemas.length === 0) throw new MetadataError('The metadata has no Schema; give the address of the service, whose $metadata is below it.');
  return new XmlReader(versionOf(root, services), root, schemas).read();
}

function versionOf(root: XmlElement, services: XmlElement): ODataVersion {
  const version = root.attributes['Version'] ?? '';
  if (version === '4.0' || version === '4.01') return version;
  const service = services.attributes[`${M}DataServiceVersion`] ?? '2.0';
  if (version === '1.0' && /^[12]\.0/.test(service)) return '2.0';
  throw new MetadataError(`The service speaks OData ${version === '1.0' ? service : version}; the driver speaks 2.0, 4.0 and 4.01: choose another version of the service.`);
}

class XmlReader {
  readonly #draft = new DraftModel();
  readonly #version: ODataVersion;
  readonly #schemas: readonly XmlElement[];
  /** Namespaces by alias. */
  readonly #aliases = new Map<string, string>();

  constructor(version: ODataVersion, root: XmlElement, schemas: readonly XmlElement[]) {
    this.#version = version;
    this.#schemas = schemas;
    for (const include of childrenOf(root, 'Reference').flatMap((reference) => childrenOf(reference, 'Include'))) this.#alias(include);
    for (const schema of schemas) this.#alias(schema);
  }

  read(): ODataModel {
    for (const schema of this.#schemas) {
      const namespace = schema.attributes['Namespace'] ?? '';
      for (const each of childrenOf(schema, 'EntityType')) this.#structured(`${namespace}.${nameOf(each)}`, 'entity', each);
      for (const each of childrenOf(schema, 'ComplexType')) this.#structured(`${namespace}.${nameOf(each)}`, 'complex', each);
      for (const each of childrenOf(schema, 'EnumType')) this.#enum(`${namespace}.${nameOf(each)}`, each);
      for (const each of childrenOf(schema, 'TypeDefinition')) {
        this.#draft.definitions.set(`${namespace}.${nameOf(each)}`, { ...facetsOf(each), type: each.attributes['UnderlyingType'] ?? 'Edm.String' });
      }
      for (const kind of ['Action', 'Function'] as const) for (const each of childrenOf(schema, kind)) this.#operation(`${namespace}.${nameOf(each)}`, kind === 'Action' ? 'action' : 'function', each);
    }
    for (const schema of this.#schemas) {
      const namespace = schema.attributes['Namespace'] ?? '';
      for (const each of childrenOf(schema, 'EntityContainer')) this.#container(`${namespace}.${nameOf(each)}`, each);
      for (const each of childrenOf(schema, 'Annotations')) this.#annotate(this.#target(each.attributes['Target'] ?? ''), each);
    }
    return this.#draft.finish(this.#version);
  }

  #alias(element: XmlElement): void {
    const { Alias: alias, Namespace: namespace } = element.attributes;
    if (alias !== undefined && namespace !== undefined) this.#aliases.set(alias, namespace);
  }

  /** `alias.Name` as `Namespace.Name`. */
  #qualified(name: string): string {
    const dot = name.lastIndexOf('.');
    const namespace = dot < 0 ? undefined : this.#aliases.get(name.slice(0, dot));
    return namespace === undefined ? name : namespace + name.slice(dot);
  }

  #target(target: string): string {
    const [owner = '', ...path] = target.split('/');
    return [this.#qualified(owner), ...path].join('/');
  }

  #annotate(target: string, element: XmlElement): void {
    for (const annotation of annotationsOf(element)) {
      if (annotation.attributes['Qualifier'] === undefined) this.#draft.annotate(target, this.#qualified(annotation.attributes['Term'] ?? ''), annotationValue(annotation));
    }
  }

  #typed(element: XmlElement, type = element.attributes['Type'] ?? 'Edm.String'): TypeOf {
    const collection = /^Collection\((.+)\)$/.exec(type);
    return { type: this.#qualified(collection?.[1] ?? type), ...(collection === null ? {} : { collection: true }), ...facetsOf(element) };
  }

  #structured(name: string, kind: 'entity' | 'complex', element: XmlElement): void {
    const base = element.attributes['BaseType'];
    const type: DraftType = {
      kind, key: childrenOf(element, 'Key').flatMap((key) => childrenOf(key, 'PropertyRef').map(nameOf)), properties: new Map(), navigation: new Map(),
      ...(element.attributes['OpenType'] === 'true' ? { open: true } : {}), ...(base === undefined ? {} : { base: this.#qualified(base) }),
      ...labelOf(element),
    };
    for (const each of childrenOf(element, 'Property')) {
      type.properties.set(nameOf(each), this.#property(each));
      this.#annotate(`${name}/${nameOf(each)}`, each);
    }
    for (const each of childrenOf(element, 'NavigationProperty')) type.navigation.set(nameOf(each), this.#navigation(each));
    this.#draft.types.set(name, type);
    this.#annotate(name, element);
  }

  #property(element: XmlElement): Property {
    const { attributes } = element;
    const property: Writable<Property> = { ...this.#typed(element), ...labelOf(element) };
    const sap = (name: string): string | undefined => attributes[SAP + name];
    if (sap('unit') !== undefined) property.unit = sap('unit')!;
    if (sap('creatable') === 'false' && sap('updatable') === 'false') property.computed = true;
    else if (sap('updatable') === 'false') property.immutable = true;
    if (sap('filterable') === 'false') property.filterable = false;
    if (sap('sortable') === 'false') property.sortable = false;
    if (attributes['DefaultValue'] !== undefined) property.hasDefault = true;
    return property;
  }

  #navigation(element: XmlElement): Navigation {
    const { Type: type, Relationship: relationship, ToRole: to, ContainsTarget: contains, Partner: partner } = element.attributes;
    if (type !== undefined) {
      const { type: target, collection } = this.#typed(element, type);
      return { type: target, ...(collection === undefined ? {} : { collection }), ...(contains === 'true' ? { contains: true } : {}), ...(partner === undefined ? {} : { partner }) };
    }
    const end = this.#association(relationship ?? '')?.find((each) => each.attributes['Role'] === to);
    if (end === undefined) throw new MetadataError(`The metadata is not whole: the navigation ${nameOf(element)} goes by the association ${relationship ?? '(none)'}, which is not in it; read it anew from the system.`);
    return { type: this.#qualified(end.attributes['Type'] ?? ''), ...(end.attributes['Multiplicity'] === '*' ? { collection: true } : {}) };
  }

  /** Ends of an association of V2. */
  #association(name: string): readonly XmlElement[] | undefined {
    const qualified = this.#qualified(name);
    for (const schema of this.#schemas) {
      const found = childrenOf(schema, 'Association').find((each) => `${schema.attributes['Namespace'] ?? ''}.${nameOf(each)}` === qualified);
      if (found !== undefined) return childrenOf(found, 'End');
    }
    return undefined;
  }

  #enum(name: string, element: XmlElement): void {
    const members = childrenOf(element, 'Member').map((member, index) => [nameOf(member), member.attributes['Value'] ?? String(index)] as const);
    this.#draft.enums.set(name, { members: Object.fromEntries(members), ...(element.attributes['IsFlags'] === 'true' ? { flags: true } : {}) });
  }

  #operation(name: string, kind: 'action' | 'function', element: XmlElement): void {
    const parameters = childrenOf(element, 'Parameter').map((each): Parameter => ({
      name: nameOf(each), ...this.#typed(each),
      ...(childrenOf(each, 'Annotation').some((annotation) => this.#qualified(annotation.attributes['Term'] ?? '') === 'Org.OData.Core.V1.OptionalParameter') ? { optional: true } : {}),
    }));
    const first = element.attributes['IsBound'] === 'true' ? parameters.shift() : undefined;
    const returns = childrenOf(element, 'ReturnType')[0];
    this.#draft.operations.push({
      name, kind, parameters,
      ...(first === undefined ? {} : { bound: { type: first.type, parameter: first.name, ...(first.collection === undefined ? {} : { collection: true }) } }),
      ...(returns === undefined ? {} : { returns: this.#typed(returns) }),
    });
  }

  #container(name: string, element: XmlElement): void {
    this.#draft.containers.add(name);
    this.#annotate(name, element);
    for (const each of childrenOf(element, 'EntitySet')) {
      this.#draft.sets.set(nameOf(each), this.#set(each));
      this.#annotate(`${name}/${nameOf(each)}`, each);
    }
    for (const each of childrenOf(element, 'Singleton')) this.#draft.singletons.set(nameOf(each), { type: this.#qualified(each.attributes['Type'] ?? '') });
    for (const kind of ['ActionImport', 'FunctionImport'] as const) for (const each of childrenOf(element, kind)) this.#import(kind, each);
  }

  #set(element: XmlElement): EntitySet {
    const type = this.#qualified(element.attributes['EntityType'] ?? '');
    const set: Writable<EntitySet> = { type, ...labelOf(element) };
    for (const right of ['creatable', 'updatable', 'deletable'] as const) if (element.attributes[SAP + right] === 'false') set[right] = false;
    // V2: the properties that make the ETag say so themselves (CSDL 2.0 §2.6, ConcurrencyMode).
    const declared = this.#schemas.flatMap((schema) => childrenOf(schema, 'EntityType').filter((each) => `${schema.attributes['Namespace'] ?? ''}.${nameOf(each)}` === type))[0];
    if (declared !== undefined && childrenOf(declared, 'Property').some((each) => each.attributes['ConcurrencyMode'] === 'Fixed')) set.etag = true;
    return set;
  }

  #import(kind: 'ActionImport' | 'FunctionImport', element: XmlElement): void {
    const name = nameOf(element);
    const target = element.attributes[kind === 'ActionImport' ? 'Action' : 'Function'];
    if (target !== undefined) {
      for (const operation of this.#draft.operations) if (operation.name === this.#qualified(target) && operation.bound === undefined) operation.importName = name;
      return;
    }
    // V2: a function import is the whole of it, and what is asked for by POST changes something.
    const returns = element.attributes['ReturnType'];
    this.#draft.operations.push({
      name, importName: name, kind: element.attributes[`${M}HttpMethod`] === 'POST' ? 'action' : 'function',
      parameters: childrenOf(element, 'Parameter').filter((each) => each.attributes['Mode'] !== 'Out').map((each): Parameter => ({ name: nameOf(each), ...this.#typed(each), ...(each.attributes['Nullable'] === 'true' ? { optional: true } : {}) })),
      ...(returns === undefined ? {} : { returns: this.#typed(element, returns) }), ...labelOf(element),
    });
  }
}

const nameOf = (element: XmlElement): string => element.attributes['Name'] ?? '';

function labelOf(element: XmlElement): { readonly label?: string } {
  const label = element.attributes[`${SAP}label`];
  return label === undefined ? {} : { label };
}

function facetsOf({ attributes }: XmlElement): Omit<TypeOf, 'type' | 'collection'> {
  const whole = (name: string): number | undefined => (/^\d{1,9}$/.test(attributes[name] ?? '') ? Number(attributes[name]) : undefined);
  const [maxLength, precision, scale] = [whole('MaxLength'), whole('Precision'), whole('Scale')];
  return {
    ...(attributes['Nullable'] === 'false' ? { nullable: false } : {}),
    ...(maxLength === undefined ? {} : { maxLength }), ...(precision === undefined ? {} : { precision }), ...(scale === undefined ? {} : { scale }),
  };
}
