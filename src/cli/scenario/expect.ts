import type { Json, JsonObject } from '../../domain/json.ts';
import type { Expectation, ExpectedList } from './format.ts';
import { differences, fits, shown } from './match.ts';
import type { ReceivedCall } from './systems.ts';
import type { World } from './world.ts';

type Lists = 'cases' | 'tasks' | 'exceptions' | 'deadLetters' | 'quarantine' | 'timers';

/** What of an item is shown when a list is not as expected. */
const brief: { readonly [N in Lists | 'calls' | 'outputs']: readonly string[] } = {
  cases: ['title', 'status', 'outcome', 'activity'], tasks: ['role', 'level', 'status', 'approvals', 'dueAt'], exceptions: ['class', 'code', 'status', 'severity', 'queue', 'message'],
  deadLetters: ['system', 'operation', 'reason', 'status'], quarantine: ['reason', 'status', 'message'], timers: ['kind', 'dueAt'],
  calls: ['method', 'path', 'body', 'answered', 'key'], outputs: [],
};

function line(item: Json, columns: readonly string[]): string {
  if (columns.length === 0 || typeof item !== 'object' || item === null) return shown(item);
  return shown(Object.fromEntries(columns.flatMap((name) => ((item as JsonObject)[name] === undefined ? [] : [[name, (item as JsonObject)[name]]]))) as Json);
}

function listed(name: string, actual: readonly Json[], columns: readonly string[]): readonly string[] {
  return actual.length === 0 ? [`${name} are: none`] : [`${name} are:`, ...actual.map((item) => `  ${line(item, columns)}`)];
}

function listDifferences(name: string, actual: readonly Json[], expected: ExpectedList, columns: readonly string[]): readonly string[] {
  const found: string[] = [];
  if (Array.isArray(expected)) {
    const wanted = expected as readonly Json[];
    if (actual.length !== wanted.length) found.push(`${name}: expected ${wanted.length}, were ${actual.length}`);
    wanted.forEach((each, i) => { if (i < actual.length) found.push(...differences(actual[i], each, `${name}[${i}]`)); });
  } else {
    const { count, contains, absent, keys } = expected as Exclude<ExpectedList, readonly Json[]>;
    if (count !== undefined && actual.length !== count) found.push(`${name}: expected ${count}, were ${actual.length}`);
    const distinct = new Set(actual.map((each) => (each as JsonObject)['key']));
    if (keys !== undefined && distinct.size !== keys) found.push(`${name}: expected ${keys} different idempotency keys, were ${distinct.size}`);
    const left = [...actual];
    for (const each of contains ?? []) {
      const at = left.findIndex((item) => fits(item, each));
      if (at === -1) found.push(`${name}: nothing fits ${shown(each)}`);
      else left.splice(at, 1);
    }
    for (const each of absent ?? []) if (actual.some((item) => fits(item, each))) found.push(`${name}: something fits ${shown(each)}, and must not`);
  }
  return found.length === 0 ? [] : [...found, ...listed(name, actual, columns)];
}

/** `Type` or an object with a part of the event. */
const eventOf = (expected: Json): Json => (typeof expected === 'string' ? { type: expected } : expected);

function eventDifferences(actual: readonly JsonObject[], expected: NonNullable<Expectation['events']>): readonly string[] {
  const { contains = [], absent = [], counts = {} } = (Array.isArray(expected) ? { contains: expected as readonly Json[] } : expected) as Exclude<NonNullable<Expectation['events']>, readonly Json[]>;
  const found: string[] = [];
  let from = 0;
  for (const each of contains.map(eventOf)) {
    const at = actual.findIndex((event, i) => i >= from && fits(event, each));
    if (at === -1) {
      found.push(`events: nothing${from === 0 ? '' : ` after ${String(actual[from - 1]?.['type'])}`} fits ${shown(each)}`);
      const near = actual.filter((event) => event['type'] === (each as JsonObject)['type']).at(-1);
      if (near !== undefined) found.push(...differences(near, each, `  the last ${String(near['type'])}`));
    } else from = at + 1;
  }
  for (const each of absent.map(eventOf)) {
    const there = actual.find((event) => fits(event, each));
    if (there !== undefined) found.push(`events: there is ${String(there['type'])} ${shown(there['data'])}, and must not be`);
  }
  for (const [type, count] of Object.entries(counts)) {
    const times = actual.filter((event) => event['type'] === type).length;
    if (times !== count) found.push(`events: expected ${type} ${count} times, was ${times} times`);
  }
  return found.length === 0 ? [] : [...found, `events are: ${actual.map((event) => String(event['type'])).join(' ')}`];
}

/** In what the world is not as a scenario expects; one line each. */
export function unmet(expected: Expectation, world: World, calls: Readonly<Record<string, readonly ReceivedCall[]>>, answer: Json | undefined, log: readonly string[] = []): readonly string[] {
  const found: string[] = [];
  for (const name of ['cases', 'tasks', 'exceptions', 'deadLetters', 'quarantine', 'timers'] as const) {
    const list = expected[name];
    if (list !== undefined) found.push(...listDifferences(name, world[name], list, brief[name]));
  }
  if (expected.events !== undefined) found.push(...eventDifferences(world.events, expected.events));
  for (const [system, list] of Object.entries(expected.calls ?? {})) found.push(...listDifferences(`calls of ${system}`, calls[system] ?? [], list, brief.calls));
  for (const [node, list] of Object.entries(expected.outputs ?? {})) found.push(...listDifferences(`messages at ${node}`, world.received[node] ?? [], list, brief.outputs));
  if (expected.log !== undefined) found.push(...listDifferences('lines of the log', log, expected.log, []));
  for (const [node, status] of Object.entries(expected.statuses ?? {})) found.push(...differences(world.statuses[node], status, `status of ${node}`));
  const newest = world.cases.at(-1);
  if (expected.document !== undefined) found.push(...differences(newest?.['document'], expected.document, 'document'));
  if (expected.outcome !== undefined) {
    const of = differences(newest?.['outcome'], expected.outcome, 'outcome');
    const open = world.exceptions.filter((row) => row['status'] === 'open');
    found.push(...of, ...(of.length > 0 && open.length > 0 ? listed('open exceptions', open, brief.exceptions) : []));
  }
  if (expected.answer !== undefined) found.push(...differences(answer, expected.answer, 'answer'));
  if (expected.now !== undefined) found.push(...differences(world.now, expected.now, 'now'));
  return found;
}
