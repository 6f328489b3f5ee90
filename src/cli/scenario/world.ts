import type { Json, JsonObject } from '../../domain/json.ts';
import type { Look, PersonAccess } from './runtime/messages.ts';
import type { Selector } from './format.ts';
import { fits, shown } from './match.ts';
import { ScenarioError } from './scenario-error.ts';
import { mapTexts } from './substitute.ts';

export type Row = JsonObject;
export type Kind = 'task' | 'exception' | 'deadLetter' | 'case' | 'quarantine';

/** What there is, with the names of people (`@ann`) in the place of their pseudonyms and account ids. */
export type World = Pick<Look, 'now' | 'received' | 'statuses'> & Readonly<Record<Exclude<keyof Look, 'now' | 'received' | 'statuses'>, readonly Row[]>>;

export function worldOf(look: Look, people: Readonly<Record<string, PersonAccess>>): World {
  const names = new Map(Object.entries(people).flatMap(([name, { userId, pseudonym }]) => [[userId, `@${name}`], [pseudonym, `@${name}`]] as const));
  return mapTexts(JSON.parse(JSON.stringify(look)) as Json, (text) => names.get(text) ?? text) as unknown as World;
}

const lists = { task: 'tasks', exception: 'exceptions', deadLetter: 'deadLetters', case: 'cases', quarantine: 'quarantine' } as const;
const words = { task: 'task', exception: 'exception', deadLetter: 'dead letter', case: 'case', quarantine: 'message in quarantine' } as const;
/** By which columns a plain text picks. */
const telling = { task: ['role', 'question'], exception: ['code', 'class'], deadLetter: ['system', 'operation'], case: ['title'], quarantine: ['reason', 'topic'] } as const;
/** Statuses of what is still to be worked. */
const open = new Set<Json | undefined>(['open', 'held']);

function brief(kind: Kind, row: Row): string {
  const { status, ...rest } = Object.fromEntries([...telling[kind], 'status', 'level'].flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]]))) as { status?: Json };
  return `${shown(rest as Json)} ${String(status ?? '')}`.trim();
}

/**
 * The one row that a selector means: an open one unless it says another status.
 * @param roles without a selector, of several open tasks the one of these roles is meant
 * @throws ScenarioError `failed`
 */
export function select(world: World, kind: Kind, selector: Selector | undefined, roles: readonly string[] = []): Row {
  const { $nth, ...columns } = (typeof selector === 'object' ? selector : {}) as JsonObject & { readonly $nth?: number };
  const rows = world[lists[kind]];
  const fitting = rows.filter((row) => {
    if (kind !== 'case' && columns['status'] === undefined && !open.has(row['status'])) return false;
    return typeof selector === 'string' ? telling[kind].some((column) => row[column] === selector) : fits(row, columns);
  });
  const own = selector === undefined && kind === 'task' ? fitting.filter((row) => roles.includes(String(row['role']))) : [];
  const wanted = own.length > 0 ? own : fitting;
  const row = $nth === undefined ? wanted[0] : wanted.at($nth > 0 ? $nth - 1 : $nth);
  const all = rows.map((each) => `there is: ${brief(kind, each)}`);
  const what = `${words[kind]}${selector === undefined ? '' : ` that fits ${shown(selector as Json)}`}`;
  if (row === undefined) throw new ScenarioError('failed', `There is no ${kind === 'case' ? '' : 'open '}${what}${$nth === undefined ? '' : ` for $nth ${$nth}`}.`, all.length === 0 ? [`there is no ${words[kind]} at all`] : all);
  if ($nth === undefined && wanted.length > 1) throw new ScenarioError('failed', `${wanted.length} times there is an open ${what}; name more of its columns, or say which with "$nth".`, all);
  return row;
}

/** Id of a row. */
export function idOf(kind: Kind, row: Row): string {
  return String(row[`${kind}Id`]);
}
