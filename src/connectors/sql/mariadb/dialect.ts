import { isIP } from 'node:net';
import type { Connection, FieldPacket, ResultSetHeader } from 'mysql2';
import { checkNames, loaded, mostBytes, rowOf, SqlFailure, TooMuch } from '../session.ts';
import type { Query, SqlDialect, SqlSession } from '../session.ts';
import { databaseOf } from '../postgresql/dialect.ts';
import type { ParameterType } from '../values.ts';
import { failureOf } from './failures.ts';
import { valueOf } from './results.ts';

interface Stream { readonly stream: { on(event: 'data', listener: (part: Buffer) => void): void; destroy(): void } }

export const mariadb: SqlDialect = {
  defaultPort: 3_306,
  async open({ base, database, tls, secret }, needsPassword, connectMs) {
    const { createConnection } = await loaded('mysql2', 'MariaDB', async () => (await import('mysql2')).default);
    const user = secret('user');
    const password = secret('password');
    if (user === undefined) throw new SqlFailure('sign-in', 'The system has no user; give it one: a database always signs somebody in.');
    if (needsPassword && password === undefined) throw new SqlFailure('sign-in', 'The system has no password; give it one.');
    const named = databaseOf(database, base.path);
    const material = tls();
    const secured = base.secure || material.ca !== undefined;
    // For an address in numbers the library compares the certificate with "localhost" (mysql2 3.24, base/connection.js startTLS).
    if (secured && isIP(base.host) !== 0) throw new SqlFailure('mend', `The certificate of a database at ${base.host} cannot be checked; write its host name into the system's address.`);
    const connection = createConnection({
      host: base.host, port: base.port ?? this.defaultPort, user, password: password ?? '', ...(named === undefined ? {} : { database: named }),
      // Without verifyIdentity the library would take a certificate of another host.
      ...(secured ? { ssl: { ...material, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } } : {}),
      connectTimeout: connectMs, charset: 'utf8mb4', timezone: 'Z', multipleStatements: false, flags: ['-LOCAL_FILES', '+FOUND_ROWS'],
      supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, dateStrings: true, jsonStrings: true, enableKeepAlive: true, rowsAsArray: true,
    } as Parameters<typeof createConnection>[0]);
    const session = new MariadbSession(connection);
    try {
      await new Promise<void>((resolve, reject) => { connection.connect((error) => { if (error === null) resolve(); else reject(error); }); });
    } catch (error) {
      session.destroy();
      throw failureOf(error);
    }
    return session;
  },
};

class MariadbSession implements SqlSession {
  usable = true;
  readonly #connection: Connection;
  #read = 0;
  #tooMuch = false;
  #failWaiting: ((error: unknown) => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    const lost = (error?: unknown): void => {
      this.usable = false;
      this.#failWaiting?.(error ?? new SqlFailure('lost', 'The connection to the database was closed.'));
    };
    connection.on('error', lost);
    connection.on('end', () => { lost(); });
    (connection as unknown as Stream).stream.on('data', (part) => {
      this.#read += part.length;
      if (this.#read <= mostBytes) return;
      this.#tooMuch = true;
      this.destroy();
    });
  }

  async begin(readOnly: boolean, timeoutMs: number): Promise<void> {
    const seconds = Math.max(0.001, timeoutMs / 1_000).toFixed(3);
    await this.#plain(`SET SESSION time_zone = '+00:00', sql_mode = 'TRADITIONAL,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT', max_statement_time = ${seconds}, innodb_lock_wait_timeout = ${Math.max(1, Math.round(timeoutMs / 1_000))}, autocommit = 1`);
    await this.#plain(`START TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}`);
  }

  async rows(query: Query, maxRows: number): Promise<readonly ReturnType<typeof rowOf>[]> {
    const { text, values } = written(query);
    return this.#waiting((resolve, reject) => {
      const rows: ReturnType<typeof rowOf>[] = [];
      let names: readonly string[] = [];
      let columns: readonly FieldPacket[] = [];
      const command = this.#connection.execute(text, values);
      command.on('error', reject);
      command.on('fields', (fields: readonly FieldPacket[] | undefined) => {
        columns = fields ?? [];
        names = columns.map(({ name }) => name);
      });
      command.on('result', (row: unknown) => {
        if (!Array.isArray(row) || this.#tooMuch) return;
        if (rows.length >= maxRows) {
          // Nobody can tell the server to stop but by going away.
          this.#tooMuch = true;
          this.destroy();
          reject(new TooMuch());
          return;
        }
        rows.push(rowOf(names, (row as readonly unknown[]).map((value, index) => valueOf(value, columns[index]))));
      });
      command.on('end', () => {
        try {
          checkNames(names);
          resolve(rows);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async change(query: Query): Promise<number> {
    const { text, values } = written(query);
    const header = await this.#waiting<ResultSetHeader>((resolve, reject) => {
      this.#connection.execute(text, values, (error, result) => { if (error === null) resolve(result as ResultSetHeader); else reject(error); });
    });
    return header.affectedRows;
  }

  async commit(): Promise<void> {
    await this.#plain('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.#plain('ROLLBACK');
  }

  end(): void {
    this.usable = false;
    this.#connection.end(() => undefined);
  }

  destroy(): void {
    this.usable = false;
    this.#connection.destroy();
    this.#failWaiting?.(this.#tooMuch ? new TooMuch() : new SqlFailure('lost', 'The connection to the database was given up.'));
  }

  #plain(text: string): Promise<unknown> {
    return this.#waiting((resolve, reject) => {
      this.#connection.query(text, (error, result) => { if (error === null) resolve(result); else reject(error); });
    });
  }

  /** The library calls nobody back whose connection was destroyed. */
  async #waiting<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    this.#read = 0;
    if (!this.usable) throw new SqlFailure('lost', 'The connection to the database was closed.');
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#failWaiting = reject;
        begin(resolve, reject);
      });
    } catch (error) {
      if (error instanceof TooMuch) throw error;
      const failure = failureOf(error);
      if (failure.meaning === 'lost') this.usable = false;
      throw failure;
    } finally {
      this.#failWaiting = undefined;
    }
  }
}

const types: { readonly [K in Exclude<ParameterType['kind'], 'numeric' | 'text' | 'json' | 'uuid'>]: string } = { integer: 'SIGNED', boolean: 'SIGNED', date: 'DATE', instant: 'DATETIME(6)' };

/** Numbers and times are cast: the server would compare a text with a decimal as floats. */
function written({ statement: { parts, names }, parameters, values }: Query): { readonly text: string; readonly values: (string | null)[] } {
  const text = parts.map((part, index) => {
    const type = parameters.get(names[index] ?? '')?.type;
    if (type === undefined) return part;
    if (type.kind === 'numeric') return `${part}CAST(? AS DECIMAL(${type.digits},${type.places}))`;
    return type.kind === 'text' || type.kind === 'json' || type.kind === 'uuid' ? `${part}?` : `${part}CAST(? AS ${types[type.kind]})`;
  }).join('');
  return { text, values: names.map((name) => values.get(name) ?? null) };
}
