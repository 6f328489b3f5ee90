import type { Socket } from 'node:net';
import type { Client, QueryResult } from 'pg';
import { checkNames, loaded, mostBytes, rowOf, SqlFailure, TooMuch } from '../session.ts';
import type { Query, SqlDialect, SqlSession } from '../session.ts';
import type { ParameterType } from '../values.ts';
import { failureOf } from './failures.ts';
import { valueOf } from './results.ts';

export const postgresql: SqlDialect = {
  defaultPort: 5_432,
  async open(settings, needsPassword, connectMs) {
    const { Client } = await loaded('pg', 'PostgreSQL', async () => (await import('pg')).default);
    const { base, database, tls, secret } = settings;
    const user = secret('user');
    const password = secret('password');
    if (user === undefined) throw new SqlFailure('sign-in', 'The system has no user; give it one: a database always signs somebody in.');
    if (needsPassword && password === undefined) throw new SqlFailure('sign-in', 'The system has no password; give it one.');
    const material = tls();
    // Everything is said: what is left out the library would take from the environment.
    const client = new Client({
      host: base.host, port: base.port ?? this.defaultPort, user, database: databaseOf(database, base.path) ?? user, password: () => password ?? '',
      ssl: base.secure || material.ca !== undefined ? { ...material, rejectUnauthorized: true, ...(base.host.includes(':') ? {} : { servername: serverName(base.host) }) } : false,
      connectionTimeoutMillis: connectMs, application_name: 'waybill', keepAlive: true, client_encoding: 'UTF8',
    });
    const session = new PostgresqlSession(client);
    try {
      await client.connect();
    } catch (error) {
      session.destroy();
      throw failureOf(error);
    }
    return session;
  },
};

/** Of the system's field, else of its address. */
export function databaseOf(named: string, path: string): string | undefined {
  const name = named === '' ? decodeURIComponent(path.slice(1)) : named;
  return name === '' ? undefined : name;
}

/** A certificate names hosts; an address in numbers is looked for as such. */
function serverName(host: string): string {
  return /^\d+(\.\d+){3}$/.test(host) ? '' : host;
}

const types: { readonly [K in ParameterType['kind']]: string } = { text: 'text', integer: 'bigint', numeric: 'numeric', boolean: 'boolean', date: 'date', instant: 'timestamptz', uuid: 'uuid', json: 'jsonb' };
const asText = { getTypeParser: () => (text: string | Buffer) => text };
const cursor = 'waybill_rows';
/** Rows that are asked for at once: what comes before the bound is noticed is bounded as well. */
const atOnce = 200;

class PostgresqlSession implements SqlSession {
  usable = true;
  readonly #client: Client;
  #read = 0;
  #tooMuch = false;

  constructor(client: Client) {
    this.#client = client;
    // A connection that breaks while nobody waits for it is told here only.
    client.on('error', () => { this.usable = false; });
    client.on('end', () => { this.usable = false; });
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    stream.on('data', (part: Buffer) => {
      this.#read += part.length;
      if (this.#read <= mostBytes) return;
      this.#tooMuch = true;
      this.destroy();
    });
  }

  async begin(readOnly: boolean, timeoutMs: number): Promise<void> {
    const ms = Math.max(1, Math.round(timeoutMs));
    // One round; all of it ends with the transaction, so that poolers between us and the server keep nothing of it.
    await this.#ask({ text: `BEGIN TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}; SET LOCAL statement_timeout = ${ms}; SET LOCAL idle_in_transaction_session_timeout = ${ms}; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on` });
  }

  async rows(query: Query, maxRows: number): Promise<readonly ReturnType<typeof rowOf>[]> {
    // A cursor takes nothing that writes, and gives no more than is asked for.
    await this.#ask({ ...written(query, `DECLARE ${cursor} NO SCROLL CURSOR FOR `), queryMode: 'extended' });
    const rows: ReturnType<typeof rowOf>[] = [];
    for (;;) {
      const wanted = Math.min(atOnce, maxRows + 1 - rows.length);
      const { fields, rows: got } = await this.#ask({ text: `FETCH FORWARD ${wanted} FROM ${cursor}`, rowMode: 'array' });
      const names = fields.map(({ name }) => name);
      checkNames(names);
      rows.push(...(got as unknown as (string | null)[][]).map((row) => rowOf(names, row.map((value, index) => valueOf(value, fields[index]?.dataTypeID ?? 0)))));
      if (rows.length > maxRows) throw new TooMuch();
      if (got.length < wanted) break;
    }
    await this.#ask({ text: `CLOSE ${cursor}` });
    return rows;
  }

  async change(query: Query): Promise<number> {
    return (await this.#ask({ ...written(query), queryMode: 'extended' })).rowCount ?? 0;
  }

  async commit(): Promise<void> {
    const { command } = await this.#ask({ text: 'COMMIT' });
    // A transaction that had failed answers COMMIT with ROLLBACK, and with no error.
    if (command !== 'COMMIT') throw new SqlFailure('again', 'The database rolled the transaction back.');
  }

  async rollback(): Promise<void> {
    await this.#ask({ text: 'ROLLBACK' });
  }

  end(): void {
    this.usable = false;
    this.#client.end().catch(() => undefined);
  }

  destroy(): void {
    this.usable = false;
    (this.#client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
  }

  async #ask(query: { readonly text: string; readonly values?: (string | null)[]; readonly rowMode?: 'array'; readonly queryMode?: 'extended' }): Promise<QueryResult> {
    this.#read = 0;
    try {
      return await this.#client.query({ ...query, types: asText });
    } catch (error) {
      if (this.#tooMuch) throw new TooMuch();
      const failure = failureOf(error);
      if (failure.meaning === 'lost') this.usable = false;
      throw failure;
    }
  }
}

/** Parameters by their numbers, each cast to its type: nothing is left to guess, and nothing is pasted. */
function written({ statement: { parts, names }, parameters, values }: Query, before = ''): { readonly text: string; readonly values: (string | null)[] } {
  const order = [...new Set(names)];
  const text = parts.map((part, index) => {
    const name = names[index];
    const type = name === undefined ? undefined : parameters.get(name)?.type;
    return name === undefined || type === undefined ? part : `${part}CAST($${order.indexOf(name) + 1} AS ${type.kind === 'numeric' ? `numeric(${type.digits},${type.places})` : types[type.kind]})`;
  }).join('');
  return { text: before + text, values: order.map((name) => zoned(values.get(name) ?? null, parameters.get(name)?.type)) };
}

function zoned(value: string | null, type: ParameterType | undefined): string | null {
  return value !== null && type?.kind === 'instant' ? `${value}+00` : value;
}

