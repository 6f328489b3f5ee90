import { hash, randomUUID } from 'node:crypto';

/** What a store of files has to know for an intake. Paths begin with a slash and are relative to the store. */
export interface FilesPort {
  list(folder: string): Promise<readonly { readonly name: string; readonly size: number; readonly modifiedMs: number; readonly kind: 'file' | 'folder' | 'other' }[]>;
  look(path: string): Promise<{ readonly kind: string } | undefined>;
  read(path: string, maxBytes: number): Promise<Buffer>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Never overwrites: rejects with `errorClass` `exists`. */
  move(from: string, to: string): Promise<void>;
  ensureFolder(folder: string): Promise<void>;
}

export interface FolderPlaces {
  readonly folder: string; readonly work: string; readonly done: string; readonly failed: string;
  /** Ends of names that are taken, in small letters; none: all. */
  readonly endings: readonly string[];
  readonly maxBytes: number;
  readonly settleSeconds: number;
}

/** A file that this intake has taken out of its folder. */
export interface TakenFile {
  readonly name: string;
  /** The same as long as the file is worked on, over restarts; another one for another file of the same name and content. */
  readonly claim: string;
  readonly bytes: Buffer;
}

/** `failed`: one sentence says why; it stands beside the file. */
export type TakenResult = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly message: string };

/** Stands in the way until somebody mends something. */
export interface FolderProblem { readonly message: string }

export interface FolderIntakeOptions {
  readonly files: FilesPort;
  readonly places: FolderPlaces;
  readonly everyMs: number;
  readonly now: () => number;
  readonly accepting: () => boolean;
  /** Everything about the file is durable when it resolves. Called again for the same claim after a crash, and when it rejected. */
  readonly take: (file: TakenFile) => Promise<TakenResult>;
  /** A file that is not taken: too large, no file, with an unusable name. Called again for the same one after a crash. `seen`: size and time of what is left where it is. */
  readonly refuse: (file: { readonly name: string; readonly claim: string; readonly seen?: string }, wrong: { readonly code: string; readonly message: string }) => Promise<void>;
  /** Undefined: the folder was read. */
  readonly onState: (problem: FolderProblem | undefined) => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  readonly isSafeName: (name: string) => boolean;
}

/** Files of one look; the others come with the next. */
const mostOfOnce = 200;
/** Names that are told and left alone; beyond these nothing more is told. */
const mostTold = 1_000;
/** By convention not whole yet. */
const unfinished = /^\.|\.(part|partial|filepart|tmp|temp|crdownload)$/i;

interface Seen { readonly size: number; readonly modifiedMs: number; readonly since: number }

/**
 * Looks into a folder again and again and takes what has settled, one file after the other in the order of their names. A file
 * is taken by being renamed into the work folder: of two that look, one alone succeeds, and what was being worked on when the
 * process ended lies there for the next one.
 */
export class FolderIntake {
  readonly #options: FolderIntakeOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;
  #ready = false;

  constructor(options: FolderIntakeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => { void this.look(); }, 0);
  }

  /** Looks now; resolves when everything that is there has been worked on. */
  look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking ??= this.#once().finally(() => {
      this.#looking = undefined;
      if (!this.#closed) this.#timer = setTimeout(() => { void this.look(); }, this.#options.everyMs);
    });
    return this.#looking;
  }

  /** What is being worked on comes to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  get #open(): boolean {
    return !this.#closed && this.#options.accepting();
  }

  async #once(): Promise<void> {
    const { files, places, onState } = this.#options;
    if (!this.#open) return;
    try {
      if (!this.#ready) {
        for (const folder of [places.work, places.done, places.failed]) await files.ensureFolder(folder);
        this.#ready = true;
      }
      for (const { name } of inOrder(await files.list(places.work))) {
        if (!this.#open) return;
        await this.#work(name);
      }
      await this.#takeSettled();
      onState(undefined);
    } catch (error) {
      this.#ready = false;
      onState({ message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #takeSettled(): Promise<void> {
    const { files, places } = this.#options;
    const found = await files.list(places.folder);
    const here = new Set(found.map(({ name }) => name));
    for (const name of this.#seen.keys()) if (!here.has(name)) this.#seen.delete(name);
    let taken = 0;
    for (const entry of inOrder(found)) {
      if (!this.#open || taken >= mostOfOnce) return;
      const { name } = entry;
      if (entry.kind === 'folder' || unfinished.test(name) || (places.endings.length > 0 && !places.endings.some((ending) => name.toLowerCase().endsWith(ending)))) continue;
      if (entry.kind === 'other') await this.#leave(entry, 'file-no-file', `${shown(name)} is a link, or no ordinary file; it is not read. Take it away.`);
      else if (!this.#options.isSafeName(name)) await this.#leave(entry, 'file-name', `The name of ${shown(name)} cannot be used; give it one of letters, digits, dots and dashes.`);
      else if (entry.size > places.maxBytes || this.#hasSettled(entry)) {
        taken += 1;
        await this.#claim(name);
      }
    }
  }

  /** Its size and time have stayed the same for long enough: at two looks at least. */
  #hasSettled({ name, size, modifiedMs }: { readonly name: string; readonly size: number; readonly modifiedMs: number }): boolean {
    const now = this.#options.now();
    const before = this.#seen.get(name);
    if (before?.size === size && before.modifiedMs === modifiedMs) return now - before.since >= this.#options.places.settleSeconds * 1_000;
    this.#seen.set(name, { size, modifiedMs, since: now });
    return this.#options.places.settleSeconds === 0;
  }

  async #claim(name: string): Promise<void> {
    const { files, places } = this.#options;
    const claimed = `${randomUUID().replaceAll('-', '').slice(0, 16)}~${name}`;
    try {
      await files.move(`${places.folder}/${name}`, `${places.work}/${claimed}`);
    } catch (error) {
      // Another one was faster.
      if (classOf(error) === 'not-found') return;
      throw error;
    }
    this.#seen.delete(name);
    await this.#work(claimed);
  }

  async #work(claimed: string): Promise<void> {
    const { files, places, take, refuse, log } = this.#options;
    const [, claim, name] = /^([0-9a-f]{16})~(.+)$/s.exec(claimed) ?? [undefined, hash('sha256', claimed).slice(0, 16), claimed];
    if (name === undefined || claim === undefined || unfinished.test(claimed)) return;
    const from = `${places.work}/${claimed}`;
    let result: TakenResult;
    try {
      result = await take({ name, claim, bytes: await files.read(from, places.maxBytes) });
    } catch (error) {
      const wrong = classOf(error);
      if (wrong === 'not-found') return;
      if (wrong !== 'too-large' && wrong !== 'no-file') {
        // It stays where it is, and the others go on.
        log('warn', `${shown(name)} is not taken in yet: ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
      result = { kind: 'failed', message: (error as Error).message };
      await refuse({ name, claim }, { code: `file-${wrong}`, message: result.message });
    }
    const into = result.kind === 'done' ? places.done : places.failed;
    if (result.kind === 'failed') await this.#reason(`${into}/${claim}~${name}.txt`, result.message);
    await this.#away(from, into, name, claim);
  }

  async #away(from: string, into: string, name: string, claim: string): Promise<void> {
    const { files } = this.#options;
    try {
      await files.move(from, `${into}/${name}`);
    } catch (error) {
      if (classOf(error) !== 'exists') throw error;
      await files.move(from, `${into}/${claim}~${name}`);
    }
  }

  async #reason(path: string, message: string): Promise<void> {
    try {
      await this.#options.files.write(path, Buffer.from(`${message}\n`));
    } catch (error) {
      if (classOf(error) !== 'exists') throw error;
    }
  }

  /** Told once by this process, and left where it is. */
  async #leave({ name, size, modifiedMs }: { readonly name: string } & Omit<Seen, 'since'>, code: string, message: string): Promise<void> {
    if (this.#told.has(name) || this.#told.size >= mostTold) return;
    this.#told.add(name);
    await this.#options.refuse({ name, claim: '', seen: `${size} ${modifiedMs}` }, { code, message });
  }
}

function inOrder<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Class of an error of the store, as it stands there. */
function classOf(error: unknown): string {
  return error instanceof Error && 'errorClass' in error ? String(error.errorClass) : '';
}

function shown(name: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return name.replace(/[\u0000-\u001F\u007F]/g, '·').slice(0, 120);
}
