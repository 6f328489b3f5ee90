import type { Json, JsonObject } from '../../../domain/json.ts';
import { isObject } from '../../../domain/json.ts';
import { DraftModel } from './draft-model.ts';
import type { DraftType, Writable } from './draft-model.ts';
import { MetadataError } from './model.ts';
import type { Navigation, ODataModel, OperationModel, Parameter, Property, TypeOf } from './model.ts';

/**
 * Reads metadata in CSDL JSON (OData CSDL JSON 4.01).
 *
 * @throws MetadataError for what is no CSDL JSON, or is of another version
 */
export function modelFromJson(document: Json): ODataModel {
  if (!isObject(document) || typeof document['$Version'] !== 'string') {
    throw new MetadataError('What the system calls its metadata is JSON without "$Version"; ask for CSDL JSON or for XML.');
  }
  const version = document['$Version'];
  if (version !== '4.0' && version !== '4.01') throw new MetadataError(`The service speaks OData ${version}; in JSON the driver reads the metadata of 4.0 and 4.01.`);
  return new JsonReader(document).read(version);
}

class JsonReader {
  readonly #draft = new DraftModel();
  readonly #document: JsonObject;
  readonly #aliases = new Map<string, string>();

  constructor(document: JsonObject) {
    this.#document = document;
    const references = isObject(document['$Reference']) ? Object.values(document['$Reference']) : [];
    for (const reference of references) {
      for (const include of isObject(reference) && Array.isArray(reference['$Include']) ? reference['$Include'] as readonly Json[] : []) {
        if (isObject(include) && typeof include['$Alias'] === 'string' && typeof include['$Namespace'] === 'string') this.#aliases.set(include['$Alias'], include['$Namespace']);
      }
    }
    for (const [namespace, schema] of this.#schemas()) if (typeof schema['$Alias'] === 'string') this.#aliases.set(schema['$Alias'], namespace);
  }

  read(version: '4.0' | '4.01'): ODataModel {
    for (const [namespace, schema] of this.#schemas()) {
      for (const [name, element] of members(schema)) this.#element(`${namespace}.${name}`, element);
    }
    for (const [namespace, schema] of this.#schemas()) {
      for (const [name, element] of members(schema)) if (isObject(element) && element['$Kind'] === 'EntityContainer') this.#container(`${namespace}.${name}`, element);
      const targets = isObject(schema['$Annotations']) ? Object.entries(schema['$Annotations']) : [];
      for (const [target, annotations] of targets) {
        const [owner = '', ...path] = target.split('/');
        if (isObject(annotations)) this.#annotate([this.#qualified(owner), ...path].join('/'), annotations);
      }
    }
    return this.#draft.finish(version);
  }

  #schemas(): readonly (readonly [string, JsonObject])[] {
    return Object.entries(this.#document).filter((entry): entry is [string, JsonObject] => !entry[0].startsWith('$') && isObject(entry[1]));
  }

  #qualified(name: string): string {
    const dot = name.lastIndexOf('.');
    const namespace = dot < 0 ? undefined : this.#aliases.get(name.slice(0, dot));
    return namespace === undefined ? name : namespace + name.slice(dot);
  }

  #annotate(target: string, element: JsonObject): void {
    for (const [name, value] of Object.entries(element)) {
      if (name.startsWith('@') && !name.includes('#') && !name.slice(1).includes('@')) this.#draft.annotate(target, this.#qualified(name.slice(1)), value);
    }
  }

  #element(name: string, element: Json): void {
    // Actions and functions are lists of overloads (CSDL JSON §12).
    if (Array.isArray(element)) {
      for (const overload of element as readonly Json[]) if (isObject(overload)) this.#operation(name, overload);
      return;
    }
    if (!isObject(element)) return;
    switch (element['$Kind']) {
      case 'EntityType': case 'ComplexType': this.#structured(name, element['$Kind'] === 'EntityType' ? 'entity' : 'complex', element); break;
      case 'EnumType':
        this.#draft.enums.set(name, { members: Object.fromEntries(members(element).filter(([, value]) => typeof value === 'number' || typeof value === 'string').map(([member, value]) => [member, String(value)])), ...(element['$IsFlags'] === true ? { flags: true } : {}) });
        break;
      case 'TypeDefinition': this.#draft.definitions.set(name, { ...facetsOf(element), type: text(element['$UnderlyingType'], 'Edm.String') }); break;
      default: break;
    }
  }

  #structured(name: string, kind: 'entity' | 'complex', element: JsonObject): void {
    const key = Array.isArray(element['$Key']) ? (element['$Key'] as readonly Json[]).map((each) => (isObject(each) ? String(Object.values(each)[0]) : String(each))) : [];
    const base = element['$BaseType'];
    const type: DraftType = { kind, key, properties: new Map(), navigation: new Map(), ...(element['$OpenType'] === true ? { open: true } : {}), ...(typeof base === 'string' ? { base: this.#qualified(base) } : {}) };
    for (const [member, value] of members(element)) {
      if (!isObject(value)) continue;
      if (value['$Kind'] === 'NavigationProperty') type.navigation.set(member, this.#navigation(value));
      else {
        const property: Writable<Property> = this.#typed(value);
        if (value['$DefaultValue'] !== undefined) property.hasDefault = true;
        type.properties.set(member, property);
        this.#annotate(`${name}/${member}`, value);
      }
    }
    this.#draft.types.set(name, type);
    this.#annotate(name, element);
  }

  /** In CSDL JSON the type is Edm.String and null no value unless said otherwise (§7.1, §7.2.1). */
  #typed(element: JsonObject): TypeOf {
    return { type: this.#qualified(text(element['$Type'], 'Edm.String')), ...(element['$Collection'] === true ? { collection: true } : {}), ...facetsOf(element) };
  }

  #navigation(element: JsonObject): Navigation {
    return {
      type: this.#qualified(text(element['$Type'], '')), ...(element['$Collection'] === true ? { collection: true } : {}),
      ...(element['$ContainsTarget'] === true ? { contains: true } : {}), ...(typeof element['$Partner'] === 'string' ? { partner: element['$Partner'] } : {}),
    };
  }

  #operation(name: string, overload: JsonObject): void {
    const parameters = (Array.isArray(overload['$Parameter']) ? overload['$Parameter'] as readonly Json[] : []).filter(isObject).map((each): Parameter => ({
      name: text(each['$Name'], ''), ...this.#typed(each),
      ...(Object.keys(each).some((member) => member.startsWith('@') && this.#qualified(member.slice(1)) === 'Org.OData.Core.V1.OptionalParameter') ? { optional: true } : {}),
    }));
    const first = overload['$IsBound'] === true ? parameters.shift() : undefined;
    const operation: Writable<OperationModel> = { name, kind: overload['$Kind'] === 'Action' ? 'action' : 'function', parameters };
    if (first !== undefined) operation.bound = { type: first.type, parameter: first.name, ...(first.collection === undefined ? {} : { collection: true }) };
    if (isObject(overload['$ReturnType'])) operation.returns = this.#typed(overload['$ReturnType']);
    this.#draft.operations.push(operation);
  }

  #container(name: string, element: JsonObject): void {
    this.#draft.containers.add(name);
    this.#annotate(name, element);
    for (const [member, value] of members(element)) {
      if (!isObject(value)) continue;
      const [action, called] = [value['$Action'], value['$Function']];
      const target = typeof action === 'string' ? action : typeof called === 'string' ? called : undefined;
      if (target !== undefined) {
        for (const operation of this.#draft.operations) if (operation.name === this.#qualified(target) && operation.bound === undefined) operation.importName = member;
      } else if (value['$Collection'] === true) {
        this.#draft.sets.set(member, { type: this.#qualified(text(value['$Type'], '')) });
        this.#annotate(`${name}/${member}`, value);
      } else if (typeof value['$Type'] === 'string') {
        this.#draft.singletons.set(member, { type: this.#qualified(value['$Type']) });
      }
    }
  }
}

const members = (element: JsonObject): readonly (readonly [string, Json])[] => Object.entries(element).filter(([name]) => !name.startsWith('$') && !name.includes('@'));

const text = (value: Json | undefined, otherwise: string): string => (typeof value === 'string' ? value : otherwise);


function facetsOf(element: JsonObject): Omit<TypeOf, 'type' | 'collection'> {
  const whole = (name: string): number | undefined => (typeof element[name] === 'number' && Number.isInteger(element[name]) ? element[name] : undefined);
  const [maxLength, precision, scale] = [whole('$MaxLength'), whole('$Precision'), whole('$Scale')];
  return {
    ...(element['$Nullable'] === true ? {} : { nullable: false }),
    ...(maxLength === undefined ? {} : { maxLength }), ...(precision === undefined ? {} : { precision }), ...(scale === undefined ? {} : { scale }),
  };
}
