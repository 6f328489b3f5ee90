import type { Json } from '../../domain/json.ts';
import { plainDecimal } from '../../domain/contract/index.ts';
import type { XmlElement } from '../xml.ts';
import { kindOf } from './types.ts';
import type { SoapField, SoapTypes } from './types.ts';

const NIL = '{http://www.w3.org/2001/XMLSchema-instance}nil';

/** The value of an element by its type; elements that the type does not know are passed over. @throws SyntaxError with the place */
export function valueOf(element: XmlElement, type: string, types: SoapTypes, at = `/${element.name}`): Json {
  if (/^(true|1)$/.test(element.attributes[NIL] ?? '')) return null;
  if (!type.startsWith('#')) return simple(type, element.text, at);
  const known = types[type.slice(1)];
  if (known === undefined) return null;
  const found: { [name: string]: Json } = {};
  if (known.text !== undefined) found['$'] = simple(known.text, element.text, at);
  for (const field of known.fields) {
    if (field.attribute === true) {
      const value = element.attributes[field.name];
      if (value !== undefined) found[`@${field.name}`] = simple(field.type, value, `${at}/@${field.name}`);
      continue;
    }
    const elements = element.children.filter((child) => fits(child, field));
    if (field.list === true) found[field.name] = elements.map((each, index) => valueOf(each, field.type, types, `${at}/${field.name}/${index}`));
    else if (elements.length > 1) throw new SyntaxError(`At ${at} "${field.name}" stands ${elements.length} times.`);
    else if (elements[0] !== undefined) found[field.name] = valueOf(elements[0], field.type, types, `${at}/${field.name}`);
  }
  return found;
}

export function fits({ name, namespace }: XmlElement, field: Pick<SoapField, 'name' | 'ns'>): boolean {
  return name === field.name && namespace === field.ns;
}

function simple(type: string, source: string, at: string): Json {
  const kind = kindOf(type);
  if (kind === 'text') return source;
  const text = source.trim();
  const wrong = (): never => { throw new SyntaxError(`At ${at} stands "${text.slice(0, 40)}", which is no ${type}.`); };
  switch (kind) {
    case 'boolean': return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : wrong();
    case 'small': return /^[+-]?\d{1,10}$/.test(text) ? Number(text) : wrong();
    case 'decimal': return plainDecimal(text.replace(/^\+/, '').replace(/^(-?)\./, '$10.').replace(/\.$/, '')) ?? wrong();
    case 'float': return text !== '' && Number.isFinite(Number(text)) ? Number(text) : wrong();
    case 'base64': return text.replace(/\s+/g, '');
    case 'date': case 'dateTime': return text;
  }
}
