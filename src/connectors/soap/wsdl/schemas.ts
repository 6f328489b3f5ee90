import type { JsonObject } from '../../../domain/json.ts';
import { childrenOf } from '../../xml.ts';
import type { XmlElement } from '../../xml.ts';
import type { SoapField } from '../types.ts';
import { partsOf, prefixesOf, qualified, resolvedName, XSD } from './qualified.ts';
import type { Qualified } from './qualified.ts';
import { WsdlError } from './wsdl-error.ts';

/** A field with what its type allows besides, as JSON Schema. */
export interface DraftField extends SoapField { readonly facets?: JsonObject }
export interface DraftType { readonly fields: readonly DraftField[]; readonly text?: string; readonly textFacets?: JsonObject }

interface Simple { readonly type: string; readonly facets: JsonObject }
interface Known { readonly element: XmlElement; readonly schema: XmlElement }

const mostTypes = 400;
const mostDepth = 20;

/** The types of XML Schema 1.0 that a WSDL holds, brought into the form of a definition as they are asked for. */
export class Schemas {
  readonly types: Record<string, DraftType> = {};
  readonly notes = new Set<string>();
  readonly #known = new Map<string, Known>();
  readonly #names = new Map<string, string>();

  /** @param schemas all of them, imports included */
  constructor(schemas: readonly XmlElement[]) {
    for (const schema of schemas) {
      for (const element of schema.children) {
        const { name } = element.attributes;
        if (name !== undefined) this.#known.set(`${element.name} ${qualified(schema.attributes['targetNamespace'] ?? '', name)}`, { element, schema });
      }
    }
  }

  /** The type of a global element: `#name` or a simple type. @throws WsdlError */
  element(name: Qualified): DraftField {
    const known = this.#known.get(`element ${name}`);
    if (known === undefined) throw new WsdlError(`The element ${name} is nowhere in the document; import what holds it by a file beside it.`);
    return { ...this.#typed(known.element, known.schema, partsOf(name).name, 0), name: partsOf(name).name, ns: partsOf(name).ns, min: 1 };
  }

  /** A field of that type. */
  field(name: string, type: Qualified): DraftField {
    return { name, ns: '', min: 1, ...this.#named(type, name, 0) };
  }

  /** A type of its own that has these fields; its name. */
  add(wanted: string, type: DraftType): string {
    let name = wanted;
    for (let i = 2; Object.hasOwn(this.types, name); i++) name = `${wanted}${i}`;
    if (Object.keys(this.types).length >= mostTypes) throw new WsdlError(`More than ${mostTypes} types are needed; take fewer operations with --operation.`);
    this.types[name] = type;
    return name;
  }

  #typed(element: XmlElement, schema: XmlElement, name: string, depth: number): Pick<DraftField, 'type' | 'facets'> {
    const { type } = element.attributes;
    if (type !== undefined) return this.#named(resolvedName(type, prefixesOf(element)), name, depth);
    const [complex] = childrenOf(element, 'complexType');
    if (complex !== undefined) {
      const made = this.add(name, { fields: [] });
      this.types[made] = this.#complex(complex, schema, name, depth + 1);
      return { type: `#${made}` };
    }
    const [simple] = childrenOf(element, 'simpleType');
    if (simple !== undefined) return fieldOf(this.#restricted(simple, depth + 1));
    this.notes.add(`${name} may hold anything; it is taken as text`);
    return { type: 'string' };
  }

  #named(type: Qualified, name: string, depth: number): Pick<DraftField, 'type' | 'facets'> {
    if (depth > mostDepth) throw new WsdlError(`Types of ${name} refer to each other without an end.`);
    const { ns, name: local } = partsOf(type);
    if (ns === XSD) {
      if (local === 'anyType') this.notes.add(`${name} may hold anything; it is taken as text`);
      return { type: local === 'anyType' || local === 'anySimpleType' ? 'string' : local };
    }
    const made = this.#names.get(type);
    if (made !== undefined) return { type: `#${made}` };
    const complex = this.#known.get(`complexType ${type}`);
    if (complex !== undefined) {
      const reserved = this.add(local, { fields: [] });
      this.#names.set(type, reserved);
      this.types[reserved] = this.#complex(complex.element, complex.schema, local, 0);
      return { type: `#${reserved}` };
    }
    const simple = this.#known.get(`simpleType ${type}`);
    if (simple !== undefined) return fieldOf(this.#restricted(simple.element, depth + 1));
    throw new WsdlError(`The type ${type} is nowhere in the document; import what holds it by a file beside it.`);
  }

  #complex(complex: XmlElement, schema: XmlElement, name: string, depth: number): DraftType {
    const [simpleContent] = childrenOf(complex, 'simpleContent');
    const [content] = childrenOf(complex, 'complexContent');
    const derived = [...(simpleContent ?? content)?.children ?? []].find((each) => each.name === 'extension' || each.name === 'restriction');
    if (derived === undefined) return { fields: [...this.#particles(complex, schema, name, depth), ...this.#attributes(complex, name)] };
    const base = resolvedName(derived.attributes['base'] ?? '', prefixesOf(derived));
    const own = [...this.#particles(derived, schema, name, depth), ...this.#attributes(derived, name)];
    if (simpleContent !== undefined) {
      const { type, facets } = this.#named(base, name, depth + 1);
      const under = type.startsWith('#') ? this.types[type.slice(1)] : undefined;
      return { fields: [...under?.fields ?? [], ...own], text: under?.text ?? type, ...(facets === undefined ? {} : { textFacets: facets }) };
    }
    if (partsOf(base).name === 'Array') throw new WsdlError(`"${name}" is an array of SOAP's own encoding, which is not spoken; ask for the literal form of the service.`);
    if (derived.name === 'restriction') return { fields: own };
    const inherited = this.#known.get(`complexType ${base}`);
    if (inherited === undefined) return { fields: own };
    const before = this.#complex(inherited.element, inherited.schema, partsOf(base).name, depth + 1);
    return { ...before, fields: [...before.fields, ...own] };
  }

  #particles(holder: XmlElement, schema: XmlElement, name: string, depth: number, optional = false, many = false): readonly DraftField[] {
    if (depth > mostDepth) throw new WsdlError(`"${name}" is nested deeper than ${mostDepth} levels.`);
    return holder.children.flatMap((particle): readonly DraftField[] => {
      const { minOccurs = '1', maxOccurs = '1' } = particle.attributes;
      const maybe = optional || minOccurs === '0' || holder.name === 'choice';
      const list = many || maxOccurs === 'unbounded' || Number(maxOccurs) > 1;
      switch (particle.name) {
        case 'sequence': case 'all': case 'choice': return this.#particles(particle, schema, name, depth + 1, maybe, list);
        case 'element': return [this.#particle(particle, schema, maybe, list, depth)];
        case 'any': this.notes.add(`what else ${name} may hold is left out`); return [];
        case 'group': throw new WsdlError(`"${name}" uses a group of elements, which is not read; write its elements out.`);
        default: return [];
      }
    });
  }

  #particle(element: XmlElement, schema: XmlElement, optional: boolean, list: boolean, depth: number): DraftField {
    const { ref, form, nillable } = element.attributes;
    const shared = { min: optional ? 0 : 1, ...(list ? { list: true as const } : {}) } as const;
    if (ref !== undefined) return { ...this.element(resolvedName(ref, prefixesOf(element))), ...shared };
    const local = element.attributes['name'] ?? '';
    const isQualified = (form ?? schema.attributes['elementFormDefault']) === 'qualified';
    return { name: local, ns: isQualified ? schema.attributes['targetNamespace'] ?? '' : '', ...shared, ...(nillable === 'true' ? { nillable: true as const } : {}), ...this.#typed(element, schema, local, depth + 1) };
  }

  #attributes(holder: XmlElement, owner: string): readonly DraftField[] {
    return childrenOf(holder, 'attribute').flatMap((attribute): DraftField[] => {
      const { name, type, use } = attribute.attributes;
      if (name === undefined || use === 'prohibited') return [];
      const [simple] = childrenOf(attribute, 'simpleType');
      const typed = type !== undefined ? this.#named(resolvedName(type, prefixesOf(attribute)), owner, 0) : simple === undefined ? { type: 'string' } : fieldOf(this.#restricted(simple, 0));
      return [{ name, ns: '', min: use === 'required' ? 1 : 0, attribute: true, ...typed }];
    });
  }

  /** A simple type by what it is at the bottom, and its facets (XML Schema part 2 §4.3). */
  #restricted(simple: XmlElement, depth: number): Simple {
    const [restriction] = childrenOf(simple, 'restriction');
    if (restriction === undefined) return { type: 'string', facets: {} };
    const base = restriction.attributes['base'];
    const under = base === undefined ? { type: 'string' } : this.#named(resolvedName(base, prefixesOf(restriction)), simple.attributes['name'] ?? 'a value', depth + 1);
    const values = childrenOf(restriction, 'enumeration').map(({ attributes }) => attributes['value'] ?? '');
    const number = (facet: string): number | undefined => {
      const value = childrenOf(restriction, facet)[0]?.attributes['value'];
      return value === undefined || !/^\d{1,9}$/.test(value) ? undefined : Number(value);
    };
    const length = number('length');
    const [least, most] = [length ?? number('minLength'), length ?? number('maxLength')];
    const places = number('fractionDigits');
    return {
      type: under.type,
      facets: {
        ...under.facets, ...(values.length === 0 ? {} : { enum: values }), ...(least === undefined ? {} : { minLength: least }), ...(most === undefined ? {} : { maxLength: most }),
        ...(places === undefined ? {} : { pattern: places === 0 ? '^-?\\d+$' : `^-?\\d+(\\.\\d{1,${places}})?$` }),
      },
    };
  }
}

function fieldOf({ type, facets }: Simple): Pick<DraftField, 'type' | 'facets'> {
  return Object.keys(facets).length === 0 ? { type } : { type, facets };
}
