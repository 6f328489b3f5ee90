/** `ok`: nothing to do · `warn`: works, but not as it should, or not for everybody · `fail`: something does not work. */
export type Level = 'ok' | 'warn' | 'fail';

/** Result of looking at one thing. */
export interface Finding {
  /** Stable name, for scripts: `disk`, `keys`, … */
  readonly check: string;
  /** The thing, for people: `Keys`. */
  readonly title: string;
  readonly level: Level;
  /** What was found, without secrets. */
  readonly found: string;
  /** One sentence that says what to do; absent when nothing is to be done. */
  readonly todo?: string;
}

/** Findings of one check, which all carry its name and title. */
export class Findings {
  readonly #check: string;
  readonly #title: string;
  readonly all: Finding[] = [];

  constructor(check: string, title: string) {
    this.#check = check;
    this.#title = title;
  }

  ok(found: string): this {
    return this.#add('ok', found);
  }

  warn(found: string, todo: string): this {
    return this.#add('warn', found, todo);
  }

  fail(found: string, todo: string): this {
    return this.#add('fail', found, todo);
  }

  #add(level: Level, found: string, todo?: string): this {
    this.all.push({ check: this.#check, title: this.#title, level, found, ...(todo === undefined ? {} : { todo }) });
    return this;
  }
}
