import type { RecordedEvent } from '../../domain/envelope.ts';
import type { Change } from '../../domain/change/index.ts';
import { evolveChange } from '../../domain/change/index.ts';
import type { ChangeRow } from '../../ledger/port.ts';
import type { ChangeDetail, ChangeWord } from './change-port.ts';

/** A change with all that was said about it, from its stream. */
export function changeDetail(row: ChangeRow, events: readonly RecordedEvent[]): ChangeDetail {
  const state = events.reduce<Change | undefined>(evolveChange, undefined);
  const asked = events.find((event) => event.type === 'ChangeRequested');
  return {
    ...row, reason: asked?.content?.reason ?? '', requestHash: state?.requestHash ?? '', baseHash: state?.baseHash, proposedHash: state?.proposedHash, scope: state?.scope ?? {}, terms: state?.terms,
    nodes: asked?.content?.nodes, difference: asked?.content?.difference, requesterName: asked?.personal?.name,
    talk: events.flatMap((event) => wordOf(event) ?? []),
  };
}

function wordOf(event: RecordedEvent): ChangeWord | undefined {
  const at = event.recordedAt;
  const nothing = { comment: undefined, terms: undefined, outcome: undefined, withdrawn: false, name: undefined };
  switch (event.type) {
    case 'ChangeCommented': return { ...nothing, at, by: event.data.by, name: event.personal?.name, comment: event.personal?.comment };
    case 'ChangeDecided': return { ...nothing, at, by: event.data.by, name: event.personal?.name, comment: event.personal?.comment, terms: event.data.terms, outcome: event.data.outcome };
    case 'ChangeWithdrawn': return { ...nothing, at, by: event.data.by, comment: event.content?.reason, withdrawn: true };
    default: return undefined;
  }
}
