import { isAbsolute, resolve } from 'node:path';
import type { ConflictingDuties, Limit } from '../../domain/directory/index.ts';
import { dutiesProblem } from '../../domain/directory/index.ts';
import type { DirectoryPort } from '../api.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { AccountPeople } from './account-people.ts';
import { unknownCurrency } from './currencies.ts';
import { Directory } from './directory.ts';
import type { DelegationLookup, Duties } from './directory.ts';
import { FilePeople } from './people-file.ts';

/** Configuration of a directory node. It may come from a hand-made flow: a row may be anything. */
export interface DirectoryConfig {
  readonly name: string;
  readonly source: string;
  /** Path of the file; relative to the home folder. */
  readonly file: string;
  readonly conflicts: readonly object[];
  readonly limits: readonly object[];
  readonly longestDelegationDays: number;
}

/** How long a delegation may last where no directory node says it. */
const defaultLongestDays = 92;

interface Placed { readonly directory: Directory; readonly longestDays: number; readonly unwatch: () => void }

const noDuties: Duties = { conflicts: [], limits: [] };

/** The directory nodes of the running flows, by node; the accounts where there is none. */
export class Directories implements DirectoryPort {
  readonly #accounts: AccountStore | undefined;
  readonly #pseudonyms: Pick<Pseudonyms, 'person'>;
  readonly #home: string;
  readonly #delegations: DelegationLookup;
  readonly #people: AccountPeople;
  readonly #plain: Directory;
  readonly #changed: () => void;
  readonly #nodes = new Map<string, Placed>();

  /** `changed` is told when other people stand in a directory's file than before. */
  constructor(options: { readonly accounts: AccountStore | undefined; readonly pseudonyms: Pick<Pseudonyms, 'person'>; readonly home: string; readonly delegations: DelegationLookup; readonly changed?: () => void }) {
    this.#changed = options.changed ?? ((): void => undefined);
    this.#accounts = options.accounts;
    this.#pseudonyms = options.pseudonyms;
    this.#home = options.home;
    this.#delegations = options.delegations;
    this.#people = new AccountPeople(options.accounts, options.pseudonyms);
    this.#plain = new Directory(this.#people, () => noDuties, options.delegations);
  }

  /** Accounts were changed here: the next question reads them again. */
  accountsChanged(): void {
    this.#people.forget();
  }

  /** Files are looked at no more but when somebody asks. */
  close(): void {
    for (const { unwatch } of this.#nodes.values()) unwatch();
  }

  /** The directory of a node; without one, of the only node there is, else the accounts. Of a node that is gone, the accounts as well. */
  get(nodeId?: string): Directory {
    return this.#placed(nodeId)?.directory ?? this.#plain;
  }
  longestDays(): number {
    return this.#placed()?.longestDays ?? defaultLongestDays;
  }
  #placed(nodeId?: string): Placed | undefined {
    if (nodeId !== undefined && nodeId !== '') return this.#nodes.get(nodeId);
    return this.#nodes.size === 1 ? [...this.#nodes.values()][0] : undefined;
  }

  /** `problem` settles with one sentence when the configuration, or its file, cannot be used as it is. */
  set(nodeId: string, config: DirectoryConfig): { readonly problem: Promise<string | undefined>; readonly forget: () => void } {
    const own = dutiesIn(config);
    const wrong = dutiesProblem(own.conflicts, own.limits) ?? unknownCurrency(own.limits) ?? (config.source === 'file' && config.file.trim() === '' ? 'The directory reads a file and names none; give its path.' : undefined);
    const used = wrong === undefined ? own : noDuties;
    const file = config.source === 'file' ? new FilePeople(isAbsolute(config.file) ? config.file : resolve(this.#home, config.file), this.#accounts, this.#pseudonyms, this.#changed) : undefined;
    const duties = file === undefined ? () => used : () => ({ conflicts: [...used.conflicts, ...file.duties.conflicts], limits: [...used.limits, ...file.duties.limits] });
    const days = Number(config.longestDelegationDays);
    const placed: Placed = { directory: new Directory(file ?? this.#people, duties, this.#delegations), longestDays: days >= 1 && days <= 366 ? days : defaultLongestDays, unwatch: file?.watch() ?? ((): void => undefined) };
    this.#nodes.get(nodeId)?.unwatch();
    this.#nodes.set(nodeId, placed);
    const read = file === undefined || wrong !== undefined ? Promise.resolve(wrong) : file.refresh().then(() => file.problem);
    return { problem: read, forget: () => {
      placed.unwatch();
      if (this.#nodes.get(nodeId) === placed) this.#nodes.delete(nodeId);
    } };
  }
}

function dutiesIn({ conflicts, limits }: DirectoryConfig): Duties {
  const text = (row: object, name: string): string => String((row as Readonly<Record<string, unknown>>)[name] ?? '').trim();
  return {
    conflicts: conflicts.map((row): ConflictingDuties => [text(row, 'one'), text(row, 'other')]),
    limits: limits.map((row): Limit => ({ role: text(row, 'role'), amount: text(row, 'amount'), currency: text(row, 'currency').toUpperCase(), ...(text(row, 'person') === '' ? {} : { person: text(row, 'person') }) })),
  };
}
