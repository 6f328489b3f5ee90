import { OWNER_PREFIX } from '../../domain/directory/role.ts';

/**
 * Who may do what: the one table. Roles are free strings; a template may name one that is not here
 * (`quality-lead`), and whoever carries it may work its tasks. What a person may do is the union over
 * the roles; the sites in scope and, for tasks, the task's own role narrow it (the engine checks the
 * latter again, with segregation of duties).
 */
export const permissions = [
  'cases.read',
  /** Names and other personal content of events as recorded. */
  'personal.read',
  'tasks.read',
  /** Tasks of roles that the person does not carry. */
  'tasks.read-all',
  'tasks.decide',
  'exceptions.read',
  'exceptions.resolve',
  /** Photos, for good. */
  'attachments.erase',
  'dead-letters.read',
  'dead-letters.replay',
  'effects.resolve',
  /** Opens and closes circuits of systems by hand. */
  'systems.control',
  'quarantine.read',
  'quarantine.discard',
  /** Events that cases wait for. */
  'events.read',
  'events.report',
  /** Notes between shifts. */
  'handover.read',
  'handover.write',
  'ledger.read',
  'kpis.read',
  'findings.read',
  /** Change requests and waivers: to see them, to ask for them, to decide those of one's family. */
  'changes.read',
  'changes.request',
  'changes.decide',
  /** Lets deploys past rules in an outage, together with a second person. */
  'gate.override',
  /** The register of devices: to see it, to change it and give out keys. */
  'devices.read',
  'devices.manage',
  'accounts.manage',
] as const;
export type Permission = (typeof permissions)[number];

const approver: readonly Permission[] = ['cases.read', 'tasks.read', 'tasks.decide'];
const reader: readonly Permission[] = [
  'cases.read', 'tasks.read', 'tasks.read-all', 'exceptions.read', 'dead-letters.read', 'quarantine.read', 'events.read', 'handover.read', 'kpis.read', 'findings.read', 'changes.read', 'devices.read',
];
const worker: readonly Permission[] = [
  ...approver, 'exceptions.read', 'exceptions.resolve', 'dead-letters.read', 'dead-letters.replay', 'effects.resolve',
  'quarantine.read', 'quarantine.discard', 'events.read', 'events.report', 'handover.read', 'handover.write', 'kpis.read', 'devices.read',
];

/** Works what is left over at a desk, without the messages of devices. */
const office: readonly Permission[] = [...approver, 'exceptions.read', 'exceptions.resolve', 'events.read', 'events.report', 'kpis.read'];

const byRole: Readonly<Record<string, readonly Permission[]>> = {
  admin: permissions,
  auditor: [...reader, 'personal.read', 'ledger.read'],
  engineer: [...reader, 'events.report', 'ledger.read', 'systems.control', 'gate.override', 'changes.request', 'devices.manage'],
  clerk: [...reader, ...worker],
  supervisor: worker,
  'receiving-supervisor': worker,
  'receiving-clerk': worker,
  quality: worker,
  'customer-service': [...office, 'dead-letters.read'],
  buyer: office,
  'stock-controller': office,
  'transport-planner': office,
  finance: [...office, 'dead-letters.read'],
  'accounts-payable': [...office, 'dead-letters.read'],
  'process-owner': [...reader, 'ledger.read'],
  // Decides changes of every family, and reviews break-glass; `owner:<family>` those of one.
  'central-architect': [...reader, 'tasks.decide', 'ledger.read', 'changes.request', 'changes.decide'],
  'site-manager': [...reader, ...worker, 'personal.read', 'ledger.read', 'attachments.erase', 'systems.control', 'gate.override', 'changes.request', 'devices.manage'],
  // Known by their badge at a scanner; they have nothing to do in the inbox.
  operator: [],
  device: [],
};

/** What an API token may do at most, per scope; its person's own permissions narrow it further. */
const byScope: Readonly<Record<string, readonly Permission[]>> = {
  read: permissions.filter((permission) => permission.includes('.read')),
  decide: ['tasks.decide', 'exceptions.resolve', 'dead-letters.replay', 'effects.resolve', 'quarantine.discard', 'events.report', 'handover.write', 'systems.control', 'changes.request', 'changes.decide'],
  admin: ['accounts.manage', 'attachments.erase', 'gate.override', 'devices.manage'],
};

/** Owners of a process family, `owner:<family>`: besides the tasks of the role they decide its changes. */
const owner: readonly Permission[] = [...approver, 'cases.read', 'kpis.read', 'findings.read', 'changes.read', 'changes.decide'];
function permissionsOfRole(role: string): readonly Permission[] {
  if (Object.hasOwn(byRole, role)) return byRole[role]!;
  return role.startsWith(OWNER_PREFIX) ? owner : approver;
}

/** Scopes a token may carry. */
export const tokenScopes: readonly string[] = Object.keys(byScope);

/** Every role of the table with what it may do. */
export function roleTable(): readonly { readonly role: string; readonly permissions: readonly Permission[] }[] {
  return Object.entries(byRole).map(([role, mine]) => ({ role, permissions: [...new Set(mine)].sort() }));
}

/** Permissions of a person with these roles; `scopes` when an API token speaks for the person. */
export function permissionsOf(roles: readonly string[], scopes?: readonly string[]): ReadonlySet<Permission> {
  const mine = new Set(roles.flatMap(permissionsOfRole));
  if (scopes === undefined) return mine;
  const allowed = new Set(scopes.flatMap((scope) => (Object.hasOwn(byScope, scope) ? byScope[scope]! : [])));
  return new Set([...mine].filter((permission) => allowed.has(permission)));
}

/** Sites in scope as a ledger filter: undefined for all of them. */
export function siteFilter(sites: readonly string[]): readonly string[] | undefined {
  return sites.includes('*') ? undefined : sites;
}

export function inScope(sites: readonly string[], site: string): boolean {
  return sites.includes('*') || sites.includes(site);
}

/** Whether an account works at one of these sites: accounts of other sites are not there for a caller. */
export function worksWithin(sites: readonly string[], account: { readonly sites: readonly string[] }): boolean {
  return account.sites.includes('*') || account.sites.some((site) => inScope(sites, site));
}

/** Sites that both lists allow, for a token that is narrower than its person. */
export function narrowSites(person: readonly string[], token: readonly string[]): readonly string[] {
  if (token.includes('*')) return person;
  return token.filter((site) => inScope(person, site));
}
