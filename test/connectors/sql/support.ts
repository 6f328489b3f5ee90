import { SecretError, Secrets } from '../../../src/connectors/auth/index.ts';
import { DriverError } from '../../../src/connectors/driver.ts';
import type { Line, LineNote, Outcome } from '../../../src/connectors/driver.ts';
import { readAddress, TlsStore } from '../../../src/connectors/http/index.ts';
import type { TlsFiles } from '../../../src/connectors/http/index.ts';
import { sqlDriver } from '../../../src/connectors/sql/index.ts';
import type { Json } from '../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { ACCOUNT } from '../../support/database-server.ts';

const clock = { setTimeout, clearTimeout: (handle: object | undefined) => { clearTimeout(handle as NodeJS.Timeout | undefined); } };

/** A WMS that has nothing but its tables. */
export const TABLES = {
  postgresql: `CREATE TABLE stock (item varchar(20) PRIMARY KEY, quantity numeric(18,9) NOT NULL CHECK (quantity >= 0), version int NOT NULL DEFAULT 1, serial bigint, counted date, seen timestamptz, planned timestamp, active boolean, weight double precision, payload jsonb, image bytea);
    CREATE TABLE movement (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item varchar(20) NOT NULL REFERENCES stock, quantity numeric(18,9) NOT NULL, key varchar(80) NOT NULL);
    CREATE TABLE waybill_calls (key varchar(80) PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
  mariadb: `CREATE TABLE stock (item varchar(20) PRIMARY KEY, quantity decimal(18,9) NOT NULL CHECK (quantity >= 0), version int NOT NULL DEFAULT 1, serial bigint, counted date, seen timestamp(6) NULL, planned datetime(6), active tinyint(1), weight double, payload json, image blob);
    CREATE TABLE movement (id bigint AUTO_INCREMENT PRIMARY KEY, item varchar(20) NOT NULL REFERENCES stock (item), quantity decimal(18,9) NOT NULL, \`key\` varchar(80) NOT NULL);
    CREATE TABLE waybill_calls (\`key\` varchar(80) PRIMARY KEY, at timestamp NOT NULL DEFAULT current_timestamp)`,
} as const;

export function stockService(engine: 'postgresql' | 'mariadb', operations: Readonly<Record<string, Partial<ServiceOperation>>> = {}, totalMs = 8_000): ServiceDefinition {
  const key = engine === 'mariadb' ? '`key`' : 'key';
  const parameters = { item: { type: 'text' }, quantity: { type: 'numeric(18,9)' }, key: { type: 'text' } };
  return {
    id: 'wms/stock', version: '1.0.0', title: 'Stock', owner: 'it', system: 'wms', protocol: 'sql', binding: { engine },
    objects: [{ object: 'stock', authoritative: true, steward: 'warehouse' }],
    authentication: { kind: 'basic' }, limits: { concurrency: 8, perSecond: 0, burst: 0 }, timeouts: { connectMs: 3_000, headersMs: totalMs, totalMs },
    retry: { maxAttempts: 40, maxMinutes: 30, baseDelaySeconds: 0.1, maxDelaySeconds: 1 }, circuit: { failures: 8, openSeconds: 1 }, classification: 'internal',
    operations: {
      stockOf: {
        title: 'Stock of an item', effect: 'reads', recovery: { by: 'safe' },
        request: { type: 'object', required: ['item'], properties: { item: { type: 'string' } } },
        binding: { statement: 'SELECT item, quantity, version, serial, counted, seen, planned, active, weight, payload, image FROM stock WHERE item = :item', parameters: { item: { type: 'text' } }, answer: 'row' },
      },
      receive: {
        title: 'Book what came in', effect: 'writes', idempotency: { in: 'field', name: '/key' }, recovery: { by: 'same-key' },
        request: { type: 'object', required: ['item', 'quantity'], properties: { item: { type: 'string' }, quantity: { type: 'string' }, key: { type: 'string' } } },
        binding: {
          once: `INSERT INTO waybill_calls (${key}) VALUES (:key)`,
          statements: [
            { statement: 'UPDATE stock SET quantity = quantity + :quantity, version = version + 1 WHERE item = :item', changes: 1 },
            { statement: `INSERT INTO movement (item, quantity, ${key}) VALUES (:item, :quantity, :key)`, changes: 1 },
          ],
          result: `SELECT id, quantity FROM movement WHERE ${key} = :key`, answer: 'row', parameters,
        },
      },
      ...operations as Readonly<Record<string, ServiceOperation>>,
    },
  };
}

export interface Called { readonly outcome: Outcome; readonly notes: readonly LineNote[] }

/** One line to a database, and calls on it as the engine makes them. */
export class SqlCaller {
  readonly line: Line;
  readonly service: ServiceDefinition;

  constructor(url: string, service: ServiceDefinition, { tls = {}, account = ACCOUNT }: { readonly tls?: TlsFiles; readonly account?: { user: string; password: string } } = {}) {
    this.service = service;
    const [certificates, secrets] = [new TlsStore(tls), new Secrets(account)];
    this.line = sqlDriver.open({ base: readAddress(url), database: '', tls: () => certificates.current(), secret: (name) => secrets.get(name), clock });
  }

  async call(operation: string, document: Json, { repeated = false }: { readonly repeated?: boolean } = {}): Promise<Called> {
    const notes: LineNote[] = [];
    const definition = this.service.operations[operation];
    if (definition === undefined) throw new Error(`no operation ${operation}`);
    try {
      return { notes, outcome: await this.line.call({ service: this.service, operation: definition, document, idempotencyKey: undefined, repeated, memory: new Map(), now: Date.now() }, (note) => { notes.push(note); }) };
    } catch (error) {
      if (error instanceof DriverError || error instanceof SecretError) return { notes, outcome: { kind: 'refused', problem: { title: error.message, errorClass: error.name } } };
      throw error;
    }
  }
}
