import { epochOf } from '../calendar/index.ts';
import { worksAt } from '../directory/index.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import { accepted, refused } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';

/** One person lets another act for them in some roles at some sites for a time. Persons are pseudonyms, times ISO 8601 UTC with milliseconds. */
export interface Delegation {
  readonly delegationId: string;
  readonly from: string;
  readonly to: string;
  readonly roles: readonly string[];
  readonly sites: readonly string[];
  readonly fromTime: string;
  /** Up to, and without, this time. */
  readonly toTime: string;
  /** Ended before its time. */
  readonly ended: boolean;
}

/** A person of a delegation as the directory knows them now. */
export interface DelegationParty {
  readonly person: string;
  readonly roles: readonly string[];
  readonly sites: readonly string[];
  readonly disabled: boolean;
}

export interface GrantDelegation {
  readonly delegationId: string;
  readonly from: DelegationParty | undefined;
  readonly to: DelegationParty | undefined;
  /** Who grants it; somebody else's only when `manages`. */
  readonly by: string;
  readonly manages: boolean;
  /** Empty: all roles of the delegator. */
  readonly roles: readonly string[];
  /** Empty: all sites of the delegator. */
  readonly sites: readonly string[];
  /** Absent: now. */
  readonly fromTime?: string;
  readonly toTime: string;
  readonly at: string;
  readonly longestMs: number;
  /** How who grants it is known, when not by a sign-in. */
  readonly authMethod?: string;
  /** Names and why, for people; personal content. */
  readonly personal?: { readonly fromName: string; readonly toName: string; readonly reason?: string };
}

export interface EndDelegation {
  readonly by: string;
  readonly manages: boolean;
  readonly at: string;
}

/** Delegations of one person that may run at the same time, or come. */
const mostAtOnce = 20;
/** A start that is so little in the past is now: clocks differ. */
const toleranceMs = 5 * 60_000;

/** `others`: every delegation that has not ended and whose time has not passed; more do no harm. */
export function grantDelegation(others: readonly Delegation[], command: GrantDelegation): Decision {
  const { from, to } = command;
  const refuse = (code: RefusalCode): Decision => refused('GrantDelegation', code);
  if (from === undefined || from.disabled) return refuse('delegation-from-disabled');
  if (command.by !== from.person && !command.manages) return refuse('delegation-of-other');
  if (to === undefined || to.disabled) return refuse('delegation-to-disabled');
  if (to.person === from.person) return refuse('delegation-to-oneself');
  const time = timeProblem(command);
  if (time !== undefined) return refuse(time);
  const roles = command.roles.length === 0 ? from.roles : [...new Set(command.roles)];
  const sites = command.sites.length === 0 ? from.sites : [...new Set(command.sites)];
  if (roles.length === 0 || !roles.every((role) => from.roles.includes(role)) || !sites.every((site) => worksAt(from.sites, site))) return refuse('delegation-beyond-own');
  if (sites.length === 0 || !sites.some((site) => (site === '*' ? to.sites.length > 0 : worksAt(to.sites, site)))) return refuse('delegation-site');
  const fromTime = command.fromTime === undefined || command.fromTime < command.at ? command.at : command.fromTime;
  const granted: Delegation = { delegationId: command.delegationId, from: from.person, to: to.person, roles, sites, fromTime, toTime: command.toTime, ended: false };
  const living = others.filter((other) => !other.ended && other.toTime > command.at);
  if (living.filter((other) => other.from === from.person).length >= mostAtOnce) return refuse('delegation-too-many');
  if (comesBack(living, granted)) return refuse('delegation-circular');
  const { delegationId, toTime } = granted;
  const event: AnyEvent = {
    type: 'DelegationGranted', data: { delegationId, from: granted.from, to: granted.to, roles, sites, fromTime, toTime, ...(command.authMethod === undefined ? {} : { authMethod: command.authMethod }) },
    ...(command.personal === undefined ? {} : { personal: command.personal }),
  };
  return accepted(event);
}

function timeProblem({ fromTime, toTime, at, longestMs }: GrantDelegation): RefusalCode | undefined {
  const start = fromTime ?? at;
  if (toTime <= at || epochOf(start) < epochOf(at) - toleranceMs) return 'delegation-past';
  if (toTime <= start) return 'delegation-backwards';
  return epochOf(toTime) - epochOf(start) > longestMs ? 'delegation-too-long' : undefined;
}

/** Whether a role comes back to the delegator at some instant, over any number of people who have delegated it at these sites. */
function comesBack(living: readonly Delegation[], granted: Delegation): boolean {
  const near = living.filter((other) => other.fromTime < granted.toTime && other.toTime > granted.fromTime && sharesSite(other.sites, granted.sites));
  const instants = [granted.fromTime, ...near.map(({ fromTime }) => fromTime).filter((time) => time > granted.fromTime)];
  return granted.roles.some((role) => {
    const edges = near.filter(({ roles }) => roles.includes(role));
    return instants.some((at) => reaches(edges.filter((edge) => isActive(edge, at)), granted.to, granted.from));
  });
}

function sharesSite(some: readonly string[], others: readonly string[]): boolean {
  return some.includes('*') || others.some((site) => worksAt(some, site) || site === '*');
}

function reaches(edges: readonly Delegation[], start: string, goal: string): boolean {
  const reached = new Set([start]);
  const open = [start];
  for (let person = open.pop(); person !== undefined; person = open.pop()) {
    if (person === goal) return true;
    for (const { from, to } of edges) {
      if (from !== person || reached.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return false;
}

/** The delegator, the delegate, and who manages accounts may end it. */
export function endDelegation(delegation: Delegation | undefined, { by, manages, at }: EndDelegation): Decision {
  if (delegation === undefined) return refused('EndDelegation', 'delegation-unknown');
  if (by !== delegation.from && by !== delegation.to && !manages) return refused('EndDelegation', 'delegation-of-other');
  if (delegation.ended || delegation.toTime <= at) return refused('EndDelegation', 'delegation-over');
  return accepted({ type: 'DelegationEnded', data: { delegationId: delegation.delegationId, by } });
}

export function evolveDelegation(state: Delegation | undefined, event: AnyEvent): Delegation | undefined {
  switch (event.type) {
    case 'DelegationGranted': return { ...event.data, ended: false };
    case 'DelegationEnded': return state === undefined ? state : { ...state, ended: true };
    default: return state;
  }
}

export function isActive({ fromTime, toTime, ended }: Delegation, at: string): boolean {
  return !ended && fromTime <= at && at < toTime;
}
