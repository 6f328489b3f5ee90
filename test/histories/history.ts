import { readFileSync } from 'node:fs';
import path from 'node:path';

import { absentCase, eventTypeVersion, evolve } from '../../src/domain/index.ts';
import type { CaseEvent, CaseState, RecordedEvent } from '../../src/domain/index.ts';
import { upcast } from '../../src/ledger/upcasters.ts';
import type { EventParts } from '../../src/ledger/upcasters.ts';

/** A case as it was recorded once; the file is never changed afterwards. */
export interface History {
  readonly title: string;
  /** The control state that these events lead to, for ever (see `controlState`). */
  readonly expected: object;
  readonly events: readonly (RecordedEvent & { readonly typeVersion: number })[];
}

export const folder = path.join(import.meta.dirname, 'recorded');

export function readHistory(file: string): History {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as History;
}

/** Brings an event to the version that is written today, as the ledger does when it reads. */
function lifted(event: RecordedEvent): CaseEvent {
  const { data, content, personal, ...envelope } = event as RecordedEvent & EventParts;
  const parts = upcast(event.type, event.typeVersion, eventTypeVersion(event.type), {
    data, ...(content === undefined ? {} : { content }), ...(personal === undefined ? {} : { personal }),
  });
  return { ...envelope, ...parts } as unknown as CaseEvent;
}

export function replay(history: History): CaseState {
  return history.events.map(lifted).reduce(evolve, absentCase);
}

type Members = Record<string, unknown>;
const isRecord = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0;

/**
 * A state of today as one of the day of recording: without members that were added since. A map added since has to be empty;
 * what was recorded as an entry of a map (a token, a task) keeps the members that it had. No entry is left out.
 */
export function asRecorded(state: object, expected: object): object {
  const then = expected as Members;
  return Object.fromEntries(Object.entries(state).filter(([name, value]) => name in then || !isEmpty(value)).map(([name, value]) => {
    const recorded = then[name];
    if (!isRecord(value) || !isRecord(recorded)) return [name, value];
    return [name, Object.fromEntries(Object.entries(value).map(([id, entry]) => {
      const known = recorded[id];
      return [id, isRecord(entry) && isRecord(known) ? Object.fromEntries(Object.entries(entry).filter(([member]) => member in known)) : entry];
    }))];
  }));
}
