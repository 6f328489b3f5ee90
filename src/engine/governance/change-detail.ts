import type { RecordedEvent } from '../../domain/envelope.ts';
import type { Change } from '../../domain/change/index.ts';
import { evolveChange } from '../../domain/change/index.ts';
import { CHANGE_FILE } from '../../governance/change/change-file.ts';
import type { ChangeFile } from '../../governance/change/change-file.ts';
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

/** A request as it travels to owners without a line to the site. */
export function changeFileOf(change: ChangeDetail): ChangeFile {
  const { changeId, kind, site, family, title, reason, requestedAt, requestHash, requesterName, template, baseHash, proposedHash, rule, scope, until, nodes, difference } = { ...change, changeId: change.change_id, requestedAt: change.requested_at };
  return {
    format: CHANGE_FILE, changeId, kind, site, family, title, reason, requestedAt, requestHash,
    ...(requesterName === undefined ? {} : { requestedBy: requesterName }), ...(template === null ? {} : { template }), ...(baseHash === undefined ? {} : { baseHash }), ...(proposedHash === undefined ? {} : { proposedHash }),
    ...(kind === 'waiver' ? { rule: rule ?? '', scope } : {}), ...(until === null ? {} : { until }), ...(nodes === undefined ? {} : { nodes }), ...(difference === undefined ? {} : { difference }),
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
