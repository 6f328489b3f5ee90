/** Databases that are spoken to. */
export const ENGINES = ['postgresql', 'mariadb'] as const;
export type Engine = typeof ENGINES[number];

/** A statement between the places of its parameters: `parts` is one longer than `names`. */
export interface Statement {
  readonly parts: readonly string[];
  /** Parameters in the order in which they stand; one may stand twice. */
  readonly names: readonly string[];
  /** First word, in capitals. */
  readonly verb: string;
  /** As it was written, on one line. */
  readonly text: string;
}

const longest = 20_000;
const NAME = /:([A-Za-z_][A-Za-z0-9_]{0,62})/y;

/**
 * Reads one statement with `:name` parameters. What a server could read otherwise than we do is refused: comments (MariaDB
 * executes some), dollar quotes, backslashes in texts, the server's own parameters, a second statement.
 */
export function readStatement(source: string, engine: Engine): Statement | { readonly problem: string } {
  const problem = (message: string): { readonly problem: string } => ({ problem: message });
  if (source.length > longest) return problem(`The statement is longer than ${longest} characters; make a view of it in the database.`);
  const parts: string[] = [];
  const names: string[] = [];
  let from = 0;
  let at = 0;
  while (at < source.length) {
    const char = source[at] ?? '';
    const two = source.slice(at, at + 2);
    if (char === '\'' || char === '"' || (char === '`' && engine === 'mariadb')) {
      const end = source.indexOf(char, at + 1);
      if (end < 0) return problem(`A quote (${char}) is opened and not closed.`);
      if (source.slice(at, end).includes('\\')) return problem('A text in the statement holds a backslash, which databases read differently; give the text as a parameter.');
      at = end + 1;
    } else if (two === '--' || two === '/*' || (char === '#' && engine === 'mariadb')) return problem('The statement holds a comment; write it into the title of the operation: some comments are executed.');
    else if (char === ';') return problem('The statement holds a semicolon; it is one statement and ends without one.');
    else if (char === '$') return problem('The statement holds a dollar sign; write parameters as :name, and texts in single quotes.');
    else if (engine === 'mariadb' && (char === '?' || char === '@')) return problem(`The statement holds "${char}"; write parameters as :name, and keep nothing in variables of the session.`);
    else if (two === '::' || two === ':=') at += 2;
    else if (char === ':') {
      NAME.lastIndex = at;
      const name = NAME.exec(source)?.[1];
      if (name === undefined) at += 1;
      else {
        parts.push(source.slice(from, at));
        names.push(name);
        at = from = NAME.lastIndex;
      }
    } else at += 1;
  }
  parts.push(source.slice(from));
  const verb = /^[\s(]*([A-Za-z]+)/.exec(source)?.[1]?.toUpperCase() ?? '';
  return { parts, names, verb, text: source.replace(/\s+/g, ' ').trim() };
}
