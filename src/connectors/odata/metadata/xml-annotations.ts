import type { Json } from '../../../domain/json.ts';
import type { XmlElement } from '../../xml.ts';
import { childrenOf } from '../../xml.ts';

export const annotationsOf = (element: XmlElement): readonly XmlElement[] => childrenOf(element, 'Annotation');

/** An annotation's value in the form that CSDL JSON has (OData CSDL XML §14.3, §14.4); what is dynamic but a path is left out. */
export function annotationValue(element: XmlElement): Json {
  const { attributes } = element;
  if (attributes['Bool'] !== undefined) return attributes['Bool'] === 'true';
  if (attributes['String'] !== undefined) return attributes['String'];
  if (attributes['EnumMember'] !== undefined) return attributes['EnumMember'];
  if (attributes['Int'] !== undefined) return Number(attributes['Int']);
  for (const path of ['Path', 'PropertyPath', 'NavigationPropertyPath']) if (attributes[path] !== undefined) return { $Path: attributes[path] };
  const [inner] = element.children.filter((child) => child.name !== 'Annotation');
  return inner === undefined ? true : expression(inner);
}

function expression(element: XmlElement): Json {
  switch (element.name) {
    case 'Bool': return element.text.trim() === 'true';
    case 'String': case 'EnumMember': return element.text;
    case 'Path': case 'PropertyPath': case 'NavigationPropertyPath': return { $Path: element.text };
    case 'Collection': return element.children.map(expression);
    case 'Record': return Object.fromEntries(childrenOf(element, 'PropertyValue').map((each) => [each.attributes['Property'] ?? '', annotationValue(each)]));
    default: return null;
  }
}
