import { readFile, stat } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ConflictingDuties, Limit } from '../../domain/directory/index.ts';
import { dutiesProblem } from '../../domain/directory/index.ts';
import { ROLE } from '../../domain/directory/role.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { once } from '../support/reporting.ts';
import { unknownCurrency } from './currencies.ts';
import type { Duties, Member, PeopleSource } from './directory.ts';

/** A person as the file names them, by the sign-in name of their account. */
interface FilePerson {
  readonly account: string; readonly name?: string; readonly email?: string; readonly roles: readonly string[]; readonly sites: readonly string[];
  readonly limits?: readonly { readonly role: string; readonly amount: string; readonly currency: string }[];
}
interface FileContent { readonly people: readonly FilePerson[]; readonly conflicts?: readonly ConflictingDuties[]; readonly limits?: readonly Limit[] }

/** Looked at no more often, ms. */
const lookMs = 1_000;
/** Looked at so often while nobody asks, ms: whoever waits for people who left is to be told. */
const watchMs = 2_000;
const mostBytes = 5 * 1_048_576;

const role = { type: 'string', pattern: ROLE.source };
const limit = { type: 'object', required: ['role', 'amount', 'currency'], additionalProperties: false, properties: { role, amount: { type: 'string' }, currency: { type: 'string' } } };

/** Form of a directory file (JSON Schema 2020-12). */
export const directoryFileSchema = {
  type: 'object', required: ['people'], additionalProperties: false,
  properties: {
    people: { type: 'array', maxItems: 20_000, items: {
      type: 'object', required: ['account', 'roles', 'sites'], additionalProperties: false,
      properties: {
        account: { type: 'string', minLength: 1, maxLength: 64 }, name: { type: 'string', minLength: 1, maxLength: 128 }, email: { type: 'string', maxLength: 254, pattern: '^[^\\s@<>",;]+@[^\\s@<>",;]+$' },
        roles: { type: 'array', items: role, maxItems: 32 }, sites: { type: 'array', items: { type: 'string', pattern: '^(\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$' }, maxItems: 500 },
        limits: { type: 'array', items: limit, maxItems: 50 },
      },
    } },
    conflicts: { type: 'array', maxItems: 200, items: { type: 'array', prefixItems: [role, role], items: false, minItems: 2 } },
    limits: { type: 'array', items: limit, maxItems: 200 },
  },
} as const;

let compiled: ValidateFunction<FileContent> | undefined;
/** Compiled for the first file that is read: most sites have none, and a start need not wait for it. */
const validator = (): ValidateFunction<FileContent> => compiled ??= new Ajv2020({ allErrors: false, strict: true }).compile<FileContent>(directoryFileSchema);

/** What a directory file says, or why it cannot be used. Nothing of the file's text is in the reason: it may be any file of the machine. */
export function parseDirectoryFile(text: string): FileContent | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = /position (\d+)/.exec(error.message)?.[1];
    return { problem: `it is no JSON${at === undefined ? '' : ` (character ${Number(at) + 1})`}` };
  }
  const valid = validator();
  if (!valid(json)) {
    const [error] = valid.errors ?? [];
    return { problem: `${error?.instancePath === undefined || error.instancePath === '' ? 'it' : error.instancePath} ${error?.message ?? 'does not fit'}` };
  }
  const seen = new Set<string>();
  const twice = json.people.map(({ account }) => account.toLowerCase()).find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) return { problem: `the account ${twice} stands in it twice` };
  const { conflicts, limits } = dutiesOf(json);
  const wrong = dutiesProblem(conflicts, limits) ?? unknownCurrency(limits);
  return wrong === undefined ? json : { problem: wrong };
}

function dutiesOf({ people, conflicts = [], limits = [] }: FileContent): Duties {
  return { conflicts, limits: [...limits, ...people.flatMap((person) => (person.limits ?? []).map((each): Limit => ({ ...each, person: person.account })))] };
}

/** People of a JSON file. It is read again when it has changed; one that is broken leaves in use what was read before, and says so. */
export class FilePeople implements PeopleSource {
  readonly #path: string;
  readonly #accounts: AccountStore | undefined;
  readonly #pseudonyms: Pick<Pseudonyms, 'person'>;
  #stamp = '';
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;
  readonly #changed: () => void;
  #content: FileContent = { people: [] };
  #problem: string | undefined;

  /** `changed` is told when other people stand in the file than before, not of the first look. */
  constructor(path: string, accounts: AccountStore | undefined, pseudonyms: Pick<Pseudonyms, 'person'>, changed: () => void = () => undefined) {
    this.#path = path;
    this.#changed = changed;
    this.#accounts = accounts;
    this.#pseudonyms = pseudonyms;
  }

  get problem(): string | undefined {
    return this.#problem;
  }
  get duties(): Duties {
    return dutiesOf(this.#content);
  }

  async people(): Promise<readonly Member[]> {
    await this.refresh();
    const users = new Map((await this.#accounts?.listUsers() ?? []).map((user) => [user.name.toLowerCase(), user]));
    return this.#content.people.flatMap((person) => {
      const user = users.get(person.account.toLowerCase());
      return user === undefined || user.disabled ? [] : [this.#member(person, user)];
    });
  }

  async person(userId: string): Promise<Member | undefined> {
    await this.refresh();
    const user = await this.#accounts?.getUser(userId);
    if (user === undefined || user.disabled) return undefined;
    const person = this.#content.people.find(({ account }) => account.toLowerCase() === user.name.toLowerCase());
    return person === undefined ? undefined : this.#member(person, user);
  }

  #member(person: FilePerson, user: { readonly id: string; readonly name: string; readonly displayName: string; readonly email?: string }): Member {
    const email = person.email ?? user.email;
    return {
      userId: user.id, pseudonym: this.#pseudonyms.person(user.id), name: person.name ?? user.displayName, account: user.name,
      ...(email === undefined ? {} : { email }), roles: person.roles, sites: person.sites,
    };
  }

  /** Reads the file when it is another than before. */
  async refresh(): Promise<void> {
    if (this.#looking === undefined && performance.now() - this.#lookedAt < lookMs) return;
    await (this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#lookedAt = performance.now();
    }));
  }

  /** Looks at the file every now and then, until the answer is called. */
  watch(): () => void {
    const timer = setInterval(() => {
      this.refresh().catch((error: unknown) => once(`directory ${this.#path}`, `The directory file ${this.#path} could not be looked at: ${String(error)}`));
    }, watchMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  async #look(): Promise<void> {
    const first = this.#lookedAt === -Infinity;
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp === this.#stamp) return;
      if (size > mostBytes) {
        this.#stamp = stamp;
        return this.#broken('it is larger than 5 MiB');
      }
      const parsed = parseDirectoryFile(await readFile(this.#path, 'utf8'));
      this.#stamp = stamp;
      if ('problem' in parsed) return this.#broken(parsed.problem);
      this.#content = parsed;
      this.#problem = undefined;
      if (!first) this.#changed();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.#stamp = '';
      this.#broken(code === 'ENOENT' ? 'it is not there' : `it cannot be read (${code})`);
    }
  }

  #broken(reason: string): void {
    const kept = this.#content.people.length > 0 ? ' What was read before stays in use.' : ' Until then nobody holds a role in it.';
    this.#problem = `The directory file ${this.#path} cannot be used: ${reason}. Mend it.${kept}`;
    once(`directory ${this.#path}`, this.#problem);
  }
}
