import type { Json } from '../../../domain/json.ts';
import type { RecordedEvent } from '../../../domain/envelope.ts';
import type { Page } from '../../../ledger/port.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Look } from './messages.ts';

const page = 200;
const forEver = '9999-12-31T23:59:59.999Z';

type Row = Look['tasks'][number];

function camel(row: object): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value as Json]));
}

async function all<T extends object>(list: (request: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await list({ limit: page, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...items);
    cursor = next;
  } while (cursor !== undefined);
  return rows;
}

const by = (...columns: readonly string[]) => (a: Row, b: Row): number => {
  const [x, y] = [a, b].map((row) => columns.map((column) => String(row[column] ?? '')).join('\0')) as [string, string];
  return x < y ? -1 : x > y ? 1 : 0;
};

async function allEvents({ ledger }: Engine): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const next = await ledger.readAll(events.length + 1, 1_000);
    events.push(...next);
    if (next.length < 1_000) return events;
  }
}

/** Everything there is in the home of this engine. Ids are made in the order of time, so they sort what was made at one instant. */
export async function look(engine: Engine, received: Look['received'], statuses: Look['statuses']): Promise<Look> {
  const { ledger } = engine;
  const [events, cases, tasks, exceptions, deadLetters, quarantine, timers] = await Promise.all([
    allEvents(engine), all((request) => ledger.listCases({}, request)), all((request) => ledger.listTasks({ sort: 'newest' }, request)),
    all((request) => ledger.listExceptions({}, request)), all((request) => ledger.listDeadLetters({}, request)), all((request) => ledger.listQuarantine({}, request)),
    ledger.timersDue(forEver, 1_000),
  ]);
  const whole = await Promise.all(cases.map(async (row) => {
    const view = await engine.caseView(row.case_id);
    return { ...camel(row), ...(view === undefined ? {} : { activity: view.activity, document: view.document as Json, keys: view.keys as unknown as Json, steps: view.steps as unknown as Json }) };
  }));
  return {
    now: engine.clock.iso(), events, received, statuses,
    cases: whole.sort(by('caseId')),
    tasks: tasks.map((row) => ({ ...camel(row), shown: JSON.parse(row.shown) as Json })).sort(by('createdAt', 'taskId')),
    exceptions: exceptions.map(camel).sort(by('raisedAt', 'exceptionId')),
    deadLetters: deadLetters.map(camel).sort(by('deadAt', 'deadLetterId')),
    quarantine: quarantine.map(camel).sort(by('receivedAt', 'quarantineId')),
    timers: timers.map(camel),
  };
}
