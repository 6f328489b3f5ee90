import type { Recorded } from '../../../engine/api.ts';
import type { Permission } from '../permissions.ts';

/** What a page may show; a change names those of which something changed. */
export const topics = ['tasks', 'cases', 'exceptions', 'dead-letters', 'quarantine', 'system', 'accounts', 'handover', 'changes', 'devices'] as const;
export type Topic = (typeof topics)[number];

/** Topics as bits, so that a commit costs a few instructions. */
export const bit = { 'tasks': 1, 'cases': 2, 'exceptions': 4, 'dead-letters': 8, 'quarantine': 16, 'system': 32, 'accounts': 64, 'handover': 128, 'changes': 256, 'devices': 512 } as const satisfies Record<Topic, number>;
export const everything = 1023;

/** Who may hear of what; `tasks` is narrowed further by role. */
const needs = {
  'tasks': 'tasks.read', 'cases': 'cases.read', 'exceptions': 'exceptions.read', 'dead-letters': 'dead-letters.read', 'quarantine': 'quarantine.read',
  'system': undefined, 'accounts': 'accounts.manage', 'handover': 'handover.read', 'changes': 'changes.read', 'devices': 'devices.read',
} as const satisfies Record<Topic, Permission | undefined>;

/** Bits that somebody with these permissions may hear of. */
export function allowedBits(permissions: ReadonlySet<Permission>): number {
  return topics.reduce((bits, topic) => {
    const need = needs[topic];
    return need === undefined || permissions.has(need) ? bits | bit[topic] : bits;
  }, 0);
}

export function namesOf(bits: number): Topic[] {
  return topics.filter((topic) => (bits & bit[topic]) !== 0);
}

/** Types of events that belong to no case; every other one outside of a case is about people and their access. */
const ofSite: ReadonlySet<string> = new Set(['EpochStarted', 'EpochEnded', 'DeployStarted', 'DeployNotStarted', 'GapRecorded', 'LedgerRecovered', 'CircuitOpened', 'CircuitHalfOpened', 'ServiceStopped', 'ServiceReleased', 'CircuitClosed', 'ReplayBatchStarted', 'ReplayItemsAdded', 'ReplayItemTold', 'ReplayBatchEnded', 'EventReplayStarted', 'EventReplayProgressed', 'EventReplayEnded',
  'DeployAdmitted', 'DeployRefused', 'DriftDetected', 'BaselineTaken', 'GateStateChanged', 'CatalogueChanged', 'KeyEvent', 'WaiverUsed', 'BreakGlassAsked', 'BreakGlassUsed', 'BreakGlassEnded', 'TemplateInstalled', 'TemplateRemoved', 'ParameterChanged']);

/** Change requests and waivers. */
const ofChanges: ReadonlySet<string> = new Set(['ChangeRequested', 'ChangeCommented', 'ChangeDecided', 'ChangeWithdrawn', 'WaiverGranted', 'WaiverExpired', 'WaiverRevoked']);

/** Bits of one event of a case, besides `cases`. */
function bitsOf(type: string): number {
  if (type.startsWith('Task') || type === 'Decided' || type === 'Reassigned' || type === 'InfoRequested' || type === 'InfoAnswered') return bit.tasks;
  if (type.startsWith('Exception')) return bit.exceptions;
  switch (type) {
    case 'Reclassified': case 'Merged': case 'Unmerged': case 'Linked': case 'Reopened': case 'PhotoAttached': case 'PhotoErased': return bit.exceptions;
    case 'DeadLettered': case 'Replayed': case 'TokenDeadLettered': case 'TokenReplayed': case 'TokenRetryEnded': return bit['dead-letters'];
    case 'OutcomeResolved': case 'StepVoided': return bit['dead-letters'];
    case 'ScanRecorded': return 0;
    // Closing a case ends what is open of it.
    case 'CaseClosed': return bit.tasks | bit.exceptions | bit['dead-letters'];
    default: return 0;
  }
}

const known = new Map<string, number>();

function cached(type: string): number {
  let bits = known.get(type);
  if (bits === undefined) known.set(type, bits = bitsOf(type));
  return bits;
}

/** Topics of a commit. */
export function topicsOf(recorded: Recorded): number {
  let bits = 0;
  for (const event of recorded.events) {
    if (recorded.caseId !== undefined) {
      bits |= bit.cases | cached(event.type);
      if (event.type === 'ScanRecorded' && 'admission' in event.data) bits |= bit.quarantine;
    } else if (event.type === 'DelegationGranted' || event.type === 'DelegationEnded') bits |= bit.tasks;
    else if (event.type === 'HandoverNoted' || event.type === 'HandoverSettled') bits |= bit.handover;
    else if (ofChanges.has(event.type)) bits |= bit.changes;
    else if (event.type.startsWith('Device')) bits |= bit.devices;
    else if (event.type === 'Quarantined' || event.type === 'QuarantineResolved') bits |= bit.quarantine;
    else bits |= ofSite.has(event.type) ? bit.system : bit.accounts;
  }
  return bits;
}

/** Roles whose tasks a commit changed; undefined when that cannot be told. */
export function rolesOf(recorded: Recorded): readonly string[] | undefined {
  const roles: string[] = [];
  for (const { type, data } of recorded.events) {
    if (type === 'DelegationGranted' || type === 'DelegationEnded') return undefined;
    if ((cached(type) & bit.tasks) === 0) continue;
    // Whoever it was given to, or taken from, is told by no role.
    if (type === 'CaseClosed' || type === 'Reassigned' || ('taskId' in data && data.taskId !== undefined && recorded.isAssigned?.(data.taskId) === true)) return undefined;
    const role = type === 'TaskCreated' ? data.role : 'taskId' in data && data.taskId !== undefined ? recorded.roleOf?.(data.taskId) : undefined;
    if (role !== undefined) roles.push(role);
  }
  return roles;
}
