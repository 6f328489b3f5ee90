import type { JsonObject } from '../../domain/json.ts';
import type { Protocol, ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import type { ServiceSample } from './sample.ts';

/** What a new service is made from. */
export interface Beginning {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly system: string;
  readonly protocol: Protocol;
  /** Day, ISO 8601. */
  readonly date: string;
}

const number = { type: 'string', minLength: 1, maxLength: 35 };
const document = { type: 'object', properties: { number, quantity: { type: 'string', pattern: '^(0|[1-9]\\d*)(\\.\\d{1,6})?$' } }, required: ['number', 'quantity'] };

/** How the two operations are spoken, where the protocol has a form that fits any system. */
const BINDINGS: Readonly<Partial<Record<Protocol, { readonly service?: JsonObject; readonly reads: JsonObject; readonly writes: JsonObject }>>> = {
  rest: { reads: { method: 'GET', path: '/documents/{number}' }, writes: { method: 'POST', path: '/documents' } },
  sql: {
    service: { engine: 'postgresql' },
    reads: { statement: 'SELECT number, quantity FROM document WHERE number = :number', parameters: { number: { type: 'text' } }, answer: 'row' },
    writes: {
      statements: [{ statement: 'INSERT INTO document (number, quantity) VALUES (:number, :quantity)', changes: 1 }], result: 'SELECT number, quantity FROM document WHERE number = :number', answer: 'row',
      parameters: { number: { type: 'text' }, quantity: { type: 'numeric(18,6)' } },
    },
  },
};

/** A service with one operation that reads and one that writes, for its author to go on from. */
export function newService({ id, title, owner, system, protocol, date }: Beginning): { readonly definition: ServiceDefinition; readonly samples: Readonly<Record<string, ServiceSample>> } {
  const { service, reads = {}, writes = {} } = BINDINGS[protocol] ?? {};
  const operations: Readonly<Record<string, ServiceOperation>> = {
    readDocument: { title: 'Read a document', effect: 'reads', request: { type: 'object', properties: { number }, required: ['number'] }, answer: document, recovery: { by: 'safe' }, binding: reads },
    postDocument: {
      title: 'Post a document', effect: 'writes', request: { ...document, additionalProperties: false }, answer: document,
      ...(protocol === 'rest' ? { idempotency: { in: 'header', name: 'Idempotency-Key' }, recovery: { by: 'same-key' } } : { recovery: { by: 'none' } }), binding: writes,
    },
  };
  return {
    definition: {
      id, version: '0.1.0', title, owner, system, protocol, ...(service === undefined ? {} : { binding: service }), objects: [{ object: 'document', authoritative: true, steward: owner }], operations, authentication: { kind: protocol === 'sql' ? 'basic' : 'none' },
      limits: { concurrency: 4, perSecond: 10, burst: 20 }, timeouts: { connectMs: 3_000, headersMs: 15_000, totalMs: 30_000 }, retry: { maxAttempts: 8, maxMinutes: 60, baseDelaySeconds: 1, maxDelaySeconds: 120 },
      circuit: { failures: 5, openSeconds: 30 }, classification: 'internal', changelog: [{ version: '0.1.0', date, changes: ['The first version.'] }],
    },
    samples: { 'post-document.json': { operation: 'postDocument', request: { number: '4711', quantity: '1' }, answer: { number: '4711', quantity: '1' } } },
  };
}

/** A page for a new service. */
export function newServicePage({ title, operations }: ServiceDefinition): string {
  const rows = Object.entries(operations).map(([name, { title: what, effect }]) => `| \`${name}\` | ${what} | ${effect} |`);
  return `# ${title}\n\n| Operation | Does | Effect |\n|---|---|---|\n${rows.join('\n')}\n\n## What a site needs\n\n## Whom to ask\n`;
}
