/** What templates post besides goods receipts: kept as it came, once per idempotency key, with a number. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { problem, type Problem } from './problem.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS note (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, method TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, noted_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS note_path ON note (path);
`;

export type NoteBody = Readonly<Record<string, unknown>>;

export interface Note {
  readonly id: number;
  readonly method: string;
  /** Without the query, for example `/sites/dc-2/reservations`. */
  readonly path: string;
  readonly body: NoteBody;
  readonly notedAt: string;
}

export type Noted = { readonly outcome: 'posted' | 'replayed'; readonly note: Note } | { readonly outcome: 'refused'; readonly problem: Problem };

type Row = Record<string, SQLInputValue>;

export class Notes {
  readonly #sql: Record<'ofKey' | 'add' | 'below' | 'count', StatementSync>;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#sql = {
      ofKey: db.prepare('SELECT * FROM note WHERE key = ?'),
      add: db.prepare('INSERT INTO note (key, method, path, body, noted_at) VALUES (?, ?, ?, ?, ?) RETURNING *'),
      below: db.prepare('SELECT * FROM note WHERE path = ? OR substr(path, 1, length(?) + 1) = ? || \'/\' ORDER BY id'),
      count: db.prepare('SELECT count(*) AS n FROM note'),
    };
  }

  /** Keeps a request, once per key; `refuse` looks at it when it is new. Inside a transaction. */
  note(key: string, method: string, path: string, body: NoteBody, notedAt: string, refuse: () => Problem | undefined): Noted {
    const text = JSON.stringify(body);
    const earlier = this.#sql.ofKey.get(key) as Row | undefined;
    if (earlier !== undefined) {
      if (earlier['method'] === method && earlier['path'] === path && earlier['body'] === text) return { outcome: 'replayed', note: toNote(earlier) };
      return { outcome: 'refused', problem: problem(422, 'idempotency-key-reused', `The key ${key} was used for another request.`) };
    }
    const wrong = refuse();
    if (wrong !== undefined) return { outcome: 'refused', problem: wrong };
    return { outcome: 'posted', note: toNote(this.#sql.add.get(key, method, path, text, notedAt) as Row) };
  }

  /** Requests at a path and below it, oldest first. */
  below(path: string): readonly Note[] {
    return this.#sql.below.all(path, path, path).map((row) => toNote(row as Row));
  }

  get count(): number {
    return Number((this.#sql.count.get() as Row)['n']);
  }
}

function toNote(row: Row): Note {
  return { id: Number(row['id']), method: row['method'] as string, path: row['path'] as string, body: JSON.parse(row['body'] as string) as NoteBody, notedAt: row['noted_at'] as string };
}
