import type { JsonObject } from '../../../domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../domain/service/index.ts';
import { childrenOf, readXml, XmlError } from '../../xml.ts';
import type { XmlElement } from '../../xml.ts';
import type { SoapMessage } from '../binding.ts';
import type { SoapVersion } from '../envelope.ts';
import type { SoapType } from '../types.ts';
import { contractOf } from './contract.ts';
import { prefixesOf, qualified, resolvedName, WSDL, XSD } from './qualified.ts';
import { Schemas } from './schemas.ts';
import type { DraftType } from './schemas.ts';
import { WsdlError } from './wsdl-error.ts';

export { WsdlError } from './wsdl-error.ts';

export interface WsdlOptions {
  /** `family/name`. */
  readonly id: string;
  readonly system?: string;
  readonly owner?: string;
  /** Day (ISO 8601). */
  readonly date: string;
  /** Only these operations; default all. */
  readonly only?: readonly string[];
  /** Text of a file beside the document, by the path that it is imported by. */
  readonly beside: (path: string) => string;
}

export interface ImportedWsdl {
  readonly definition: ServiceDefinition;
  /** What the author has to look at, one sentence each. */
  readonly notes: readonly string[];
}

const SOAP: Readonly<Record<string, SoapVersion>> = { 'http://schemas.xmlsoap.org/wsdl/soap/': '1.1', 'http://schemas.xmlsoap.org/wsdl/soap12/': '1.2' };
const mostFiles = 50;

/** A draft of a service from a WSDL 1.1 with literal SOAP bindings. @throws WsdlError */
export function importWsdl(text: string, options: WsdlOptions): ImportedWsdl {
  const files = new Files(options.beside);
  const documents = files.wsdl(text);
  const schemas = new Schemas(files.schemas);
  const [root] = documents;
  const { binding, version, at } = bindingOf(documents);
  const notes: string[] = [`The address of the document is left out; a site writes its own into its system, and operations are called at "/" below it.`];
  const operations: Record<string, ServiceOperation> = {};
  const portType = named(documents, 'portType', resolvedName(binding.attributes['type'] ?? '', prefixesOf(binding)));
  const soap = binding.children.find(({ name, namespace }) => name === 'binding' && Object.hasOwn(SOAP, namespace));
  for (const operation of childrenOf(binding, 'operation').filter(({ namespace }) => namespace === WSDL)) {
    const name = operation.attributes['name'] ?? '';
    if (options.only !== undefined && !options.only.includes(name)) continue;
    try {
      operations[safeName(name, operations)] = operationOf(operation, portType, soap?.attributes['style'] ?? 'document', documents, schemas);
    } catch (error) {
      if (!(error instanceof WsdlError)) throw error;
      notes.push(`${name} is left out: ${error.message}`);
    }
  }
  if (Object.keys(operations).length === 0) throw new WsdlError(`The document has no operation that can be called.${notes.slice(1).map((each) => ` ${each}`).join('')}`);
  notes.push(...schemas.notes, 'Each operation is taken for one that writes and whose outcome only a person can find out: say "effect", "idempotency" and "recovery" for each.', 'Limits, times, retries and classification are a careful guess; the owner of the system decides them. Name the business objects under "objects".');
  const title = (at.attributes['name'] ?? root?.attributes['name'] ?? options.id).slice(0, 120);
  return {
    notes,
    definition: {
      id: options.id, version: '0.1.0', title, owner: options.owner ?? 'to be named', system: options.system ?? 'erp', protocol: 'soap', objects: [], operations, authentication: { kind: 'none' },
      limits: { concurrency: 4, perSecond: 5, burst: 10 }, timeouts: { connectMs: 5_000, headersMs: 30_000, totalMs: 60_000 }, retry: { maxAttempts: 8, maxMinutes: 1_440, baseDelaySeconds: 2, maxDelaySeconds: 300 },
      circuit: { failures: 5, openSeconds: 30 }, classification: 'internal', binding: { version, types: stored(schemas.types) },
      changelog: [{ version: '0.1.0', date: options.date, changes: [`Imported from the WSDL of ${title}.`] }],
    },
  };
}

/** The document and what it imports: only files beside it, never an address. */
class Files {
  readonly schemas: XmlElement[] = [];
  readonly #beside: (path: string) => string;
  readonly #seen = new Set<string>();

  constructor(beside: (path: string) => string) {
    this.#beside = beside;
  }

  wsdl(text: string): readonly XmlElement[] {
    const root = xmlOf(text);
    if (root.name !== 'definitions' || root.namespace !== WSDL) throw new WsdlError('It is no WSDL 1.1; its first element is "definitions".');
    for (const types of childrenOf(root, 'types')) for (const schema of childrenOf(types, 'schema')) this.#schema(schema, '');
    return [root, ...childrenOf(root, 'import').flatMap(({ attributes }) => {
      const file = this.#path(attributes['location'], '');
      return file === undefined ? [] : this.wsdl(this.#beside(file));
    })];
  }

  #schema(schema: XmlElement, folder: string, target?: string): void {
    if (schema.namespace !== XSD) throw new WsdlError('A schema is none of XML Schema 1.0; only that is read.');
    this.schemas.push(target === undefined || schema.attributes['targetNamespace'] !== undefined ? schema : { ...schema, attributes: { ...schema.attributes, targetNamespace: target } });
    for (const each of schema.children) {
      if (each.name === 'redefine') throw new WsdlError('A schema redefines another one, which is not read; write the types out.');
      if (each.name !== 'import' && each.name !== 'include') continue;
      const file = this.#path(each.attributes['schemaLocation'], folder);
      // What is included without a namespace of its own takes that of its includer (part 1 §4.2.1).
      if (file !== undefined) this.#schema(xmlOf(this.#beside(file)), file.replace(/[^/]*$/, ''), each.name === 'include' ? schema.attributes['targetNamespace'] : undefined);
    }
  }

  /** Below the folder of the document; undefined for what was read, or is named without a place. */
  #path(location: string | undefined, folder: string): string | undefined {
    if (location === undefined || location === '') return undefined;
    if (/^[a-z][a-z0-9+.-]*:|^\/|^\\|\\/i.test(location)) throw new WsdlError(`It imports ${location.slice(0, 200)}, which is not fetched; put the file beside the document, and name it by its relative path.`);
    const parts: string[] = [];
    for (const part of `${folder}${location}`.split('/')) {
      if (part === '..') {
        if (parts.pop() === undefined) throw new WsdlError(`It imports ${location.slice(0, 200)}, which lies outside of its folder; put the file beside the document.`);
      } else if (part !== '.' && part !== '') parts.push(part);
    }
    const file = parts.join('/');
    if (this.#seen.has(file)) return undefined;
    this.#seen.add(file);
    if (this.#seen.size > mostFiles) throw new WsdlError(`It imports more than ${mostFiles} files.`);
    return file;
  }
}

function xmlOf(text: string): XmlElement {
  try {
    return readXml(text, { prefixes: true });
  } catch (error) {
    if (error instanceof XmlError) throw new WsdlError(error.message, { cause: error });
    throw error;
  }
}

/** The newest SOAP that the document has a binding of. */
function bindingOf(documents: readonly XmlElement[]): { readonly binding: XmlElement; readonly version: SoapVersion; readonly at: XmlElement } {
  const found = documents.flatMap((root) => childrenOf(root, 'binding').flatMap((binding) => {
    const soap = binding.children.find(({ name, namespace }) => name === 'binding' && Object.hasOwn(SOAP, namespace));
    const version = soap === undefined ? undefined : SOAP[soap.namespace];
    return version === undefined ? [] : [{ binding, version }];
  })).sort((a, b) => b.version.localeCompare(a.version))[0];
  if (found === undefined) throw new WsdlError('The document has no binding of SOAP 1.1 or 1.2.');
  const at = documents.flatMap((root) => childrenOf(root, 'service'))[0] ?? found.binding;
  return { ...found, at };
}

function named(documents: readonly XmlElement[], kind: string, name: string): XmlElement {
  const found = documents.flatMap((root) => childrenOf(root, kind).filter(({ attributes }) => qualified(root.attributes['targetNamespace'] ?? '', attributes['name'] ?? '') === name))[0];
  if (found === undefined) throw new WsdlError(`The ${kind} ${name} is nowhere in the document.`);
  return found;
}

function operationOf(bound: XmlElement, portType: XmlElement, styleOfAll: string, documents: readonly XmlElement[], schemas: Schemas): ServiceOperation {
  const name = bound.attributes['name'] ?? '';
  const abstract = childrenOf(portType, 'operation').find(({ attributes }) => attributes['name'] === name);
  if (abstract === undefined) throw new WsdlError('its port type does not have it.');
  const soap = bound.children.find((each) => each.name === 'operation' && Object.hasOwn(SOAP, each.namespace));
  const style = soap?.attributes['style'] ?? styleOfAll;
  const message = (direction: 'input' | 'output'): SoapMessage | undefined => {
    const [said] = childrenOf(abstract, direction);
    if (said === undefined) return undefined;
    const body = childrenOf(bound, direction)[0]?.children.find((each) => each.name === 'body');
    if (body?.attributes['use'] === 'encoded') throw new WsdlError('it uses the encoding of SOAP, which WS-I forbids and this does not speak; ask for the literal form.');
    const parts = childrenOf(named(documents, 'message', resolvedName(said.attributes['message'] ?? '', prefixesOf(said))), 'part');
    if (style === 'rpc') {
      const fields = parts.map((part) => schemas.field(part.attributes['name'] ?? '', resolvedName(part.attributes['type'] ?? '', prefixesOf(part))));
      const called = direction === 'input' ? name : `${name}Response`;
      return { name: called, ns: body?.attributes['namespace'] ?? '', type: `#${schemas.add(called, { fields })}` };
    }
    if (parts.length > 1) throw new WsdlError('its body has several parts, which document style does not have.');
    const element = parts[0]?.attributes['element'];
    if (element === undefined) throw new WsdlError('its body is no element.');
    const field = schemas.element(resolvedName(element, prefixesOf(parts[0]!)));
    return { name: field.name, ns: field.ns, type: field.type };
  };
  const [request, answer] = [message('input'), message('output')];
  if (request === undefined) throw new WsdlError('it has no input.');
  const documentation = (childrenOf(abstract, 'documentation')[0]?.text ?? '').replace(/\s+/g, ' ').trim();
  return {
    title: (documentation === '' ? name : documentation).slice(0, 120), effect: 'writes', recovery: { by: 'none' },
    request: contractOf(request.type, schemas.types), ...(answer === undefined ? {} : { answer: contractOf(answer.type, schemas.types) }),
    binding: { path: '/', action: soap?.attributes['soapAction'] ?? '', request: { ...request }, ...(answer === undefined ? {} : { answer: { ...answer } }) },
  };
}

/** Without what only the contract says. */
function stored(types: Readonly<Record<string, DraftType>>): JsonObject {
  return Object.fromEntries(Object.entries(types).map(([name, { fields, text }]): [string, JsonObject] => [name, { ...storedType({ fields: fields.map(({ facets: _facets, ...field }) => field), ...(text === undefined ? {} : { text }) }) }]));
}

function storedType(type: SoapType): JsonObject {
  return { fields: type.fields.map((field) => ({ ...field })), ...(type.text === undefined ? {} : { text: type.text }) };
}

function safeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  const wanted = name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[^A-Za-z]+/, '').slice(0, 100) || 'operation';
  if (Object.hasOwn(taken, wanted)) throw new WsdlError('another operation has the same name.');
  return wanted;
}

