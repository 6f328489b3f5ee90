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
