import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { readXml, XmlError } from '../xml.ts';
import type { XmlElement } from '../xml.ts';

/**
 * IDocs as XML, as SAP's XML ports write and read them: the root is the basic type (`ORDERS05`), in it one `IDOC` for each
 * document, in that the control record `EDI_DC40` and the segments (SAP Help, "IDoc Interface", XML format). As a document:
 * fields are texts, segments are lists by their names, in the order of the type.
 */
export interface ReadIdoc {
  readonly type: string;
  /** EDI_DC40: `DOCNUM`, `IDOCTYP`, `MESTYP`, `SNDPRN`, `RCVPRN`, … */
  readonly control: Readonly<Record<string, string>>;
  readonly document: JsonObject;
}

const CONTROL = 'EDI_DC40';
const NAME = /^[A-Z0-9_][A-Z0-9_/]{0,29}$/;
const mostSegments = 200_000;

/** The IDocs of a file, or one sentence that says why there are none. */
export function readIdocs(bytes: Uint8Array, maxBytes: number): { readonly idocs: readonly ReadIdoc[] } | { readonly problem: string } {
  let root: XmlElement;
  try {
    root = readXml(bytes, { maxBytes, maxDepth: 16 });
  } catch (error) {
    if (error instanceof XmlError) return { problem: error.message };
    throw error;
  }
  const elements = root.children.filter(({ name }) => name === 'IDOC');
  if (elements.length === 0) return { problem: `"${root.name}" is no IDoc: it has no element IDOC.` };
  let count = 0;
  const segment = (element: XmlElement): JsonObject => {
    const object: { [name: string]: Json } = Object.create(null);
    for (const child of element.children) {
      count += 1;
      if (child.name === CONTROL) continue;
      if (child.attributes['SEGMENT'] === undefined && child.children.length === 0) object[child.name] = child.text.trim();
      else object[child.name] = [...(Array.isArray(object[child.name]) ? object[child.name] as readonly Json[] : []), segment(child)];
    }
    return { ...object };
  };
  const idocs: ReadIdoc[] = [];
  for (const [i, element] of elements.entries()) {
    const record = element.children.find(({ name }) => name === CONTROL);
    if (record === undefined) return { problem: `IDoc ${i + 1} of ${root.name} has no control record EDI_DC40.` };
    const control = Object.fromEntries(record.children.map(({ name, text }) => [name, text.trim()]));
    for (const needed of ['DOCNUM', 'IDOCTYP', 'MESTYP', 'SNDPRN', 'RCVPRN']) if ((control[needed] ?? '') === '') return { problem: `The control record of IDoc ${i + 1} has no ${needed}.` };
    idocs.push({ type: control['IDOCTYP'] ?? root.name, control, document: segment(element) });
    if (count > mostSegments) return { problem: `The file has more than ${mostSegments} elements; ask for smaller files.` };
  }
  return { idocs };
}

/** An IDoc as XML. @returns the bytes, or what is wrong */
export function writeIdoc(type: string, control: Readonly<Record<string, string>>, document: Json): { readonly bytes: Buffer } | { readonly faults: readonly string[] } {
  if (!isObject(document)) return { faults: ['The document has to be an object with a list for each segment.'] };
  const faults: string[] = [];
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<${type}>`, '  <IDOC BEGIN="1">', `    <${CONTROL} SEGMENT="1">`, ...Object.entries(control).map(([name, value]) => `      ${field(name, value)}`), `    </${CONTROL}>`];
  segments(document, '    ', '', lines, faults);
  lines.push('  </IDOC>', `</${type}>`, '');
  return faults.length > 0 ? { faults: faults.slice(0, 20) } : { bytes: Buffer.from(lines.join('\n')) };
}

function segments(object: JsonObject, indent: string, place: string, lines: string[], faults: string[]): void {
  for (const [name, value] of Object.entries(object)) {
    const at = `${place}/${name}`;
    if (!NAME.test(name)) {
      faults.push(`${at} is no name of a segment or field.`);
      continue;
    }
    if (typeof value === 'string') {
      if (place === '') faults.push(`${at} has to be a list of segments: fields stand in segments.`);
      // eslint-disable-next-line no-control-regex -- characters that XML 1.0 does not have
      else if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(value)) faults.push(`${at} holds a control character.`);
      else lines.push(`${indent}${field(name, value)}`);
      continue;
    }
    const list = Array.isArray(value) ? value as readonly Json[] : isObject(value) ? [value] : undefined;
    if (list?.every(isObject) !== true) {
      faults.push(`${at} has to be a text, or a list of segments; quantities and amounts are decimal text.`);
      continue;
    }
    for (const [i, each] of list.entries()) {
      lines.push(`${indent}<${name} SEGMENT="1">`);
      segments(each, `${indent}  `, `${at}/${i}`, lines, faults);
      lines.push(`${indent}</${name}>`);
    }
  }
}

function field(name: string, value: string): string {
  return `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')}</${name}>`;
}
