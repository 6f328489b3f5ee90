import { readFileSync } from 'node:fs';
import { once } from './reporting.ts';
import { writeWhole } from './write-whole.ts';

const WRITE_EVERY_MS = 30_000;

/** What every kept file says of itself. */
export interface Kept { readonly form: number; readonly ledgerId: string }

/** Undefined when there is no such file, it cannot be read, it is of another ledger or form, or does not fit: then whatever was kept begins anew. */
export function readKept<T extends Kept>(file: string, { form, ledgerId }: Kept, fits: (content: T) => boolean = () => true): T | undefined {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as T;
    return content.form === form && content.ledgerId === ledgerId && fits(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Figures that go on over restarts and stand in no ledger: a file of the home that is written whole, every half minute in which something has changed, and at the end. */
export class KeptFile {
  readonly #file: string;
  readonly #content: () => Kept | undefined;
  readonly #unwritten: (why: string) => string;
  #changed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param options.content undefined: not yet
   * @param options.unwritten the sentence for the log when it could not be written
   */
  constructor(options: { readonly file: string; readonly content: () => Kept | undefined; readonly unwritten: (why: string) => string }) {
    this.#file = options.file;
    this.#content = options.content;
    this.#unwritten = options.unwritten;
  }

  start(): void {
    this.#timer = setInterval(() => { void this.#write(); }, WRITE_EVERY_MS);
    this.#timer.unref();
  }

  changed(): void {
    this.#changed = true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  /** One at a time; what could not be written is written with the next. */
  #write(): Promise<void> {
    const content = this.#changed ? this.#content() : undefined;
    if (content === undefined) return this.#writing;
    this.#changed = false;
    const text = JSON.stringify(content);
    this.#writing = this.#writing.then(() => writeWhole(this.#file, text)).catch((error: unknown) => {
      this.#changed = true;
      once(`kept ${this.#file}`, this.#unwritten((error as Error).message));
    });
    return this.#writing;
  }
}
