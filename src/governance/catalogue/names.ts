/** Names that a catalogue knows. Everything else in a signed list is refused, so no name ever becomes a path by chance. */

const WORD = '[a-z0-9]+(?:-[a-z0-9]+)*';
const VERSION = '(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const FAMILY = new RegExp(`^${WORD}$`);
const ID = new RegExp(`^(${WORD})/(${WORD})$`);
const SEMVER = new RegExp(`^${VERSION}$`);
const VERSION_TARGET = new RegExp(`^(templates|services)/(${WORD})/(${WORD})/(${VERSION})\\.json$`);
const WAIVER_TARGET = /^waivers\/(?:([a-z0-9]+(?:-[a-z0-9]+)*)\/)?([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.json$/;
const CANONICAL_TARGET = new RegExp(`^(contracts|code-lists)/(${WORD})/(${VERSION})\\.json$`);
const LONGEST_NAME = 200;
/** Names of TUF's own roles cannot be those of families. */
const TOP_LEVEL = new Set(['root', 'targets', 'snapshot', 'timestamp']);

export const POLICY_TARGET = 'policy.json';

/** What a family publishes in versions. */
export const VERSIONED = ['template', 'service'] as const;
export type Versioned = typeof VERSIONED[number];

/** A version of a template or of a service. */
export interface VersionOf {
  readonly kind: Versioned;
  /** `family/name`. */
  readonly id: string;
  readonly version: string;
}

/** What a target is, by its name. */
export type TargetName =
  | VersionOf & { readonly family: string }
  | { readonly kind: 'waiver'; readonly family?: string; readonly id: string }
  /** Canonical contracts and code lists: the board's, for all families. */
  | { readonly kind: 'contract'; readonly name: string; readonly version: string }
  | { readonly kind: 'code-list'; readonly name: string; readonly version: string }
  | { readonly kind: 'policy' };

export function isFamily(name: string): boolean {
  return FAMILY.test(name) && name.length <= 60 && !TOP_LEVEL.has(name);
}

/** `family/name`, of a template or a service. */
export function isId(id: string): boolean {
  return ID.test(id) && id.length <= 130;
}

export function isVersion(version: string): boolean {
  return SEMVER.test(version) && version.length <= 60;
}

/** Undefined for a name that is none of a catalogue's. */
export function readTargetName(name: string): TargetName | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  if (name === POLICY_TARGET) return { kind: 'policy' };
  const [, folder, family, title, version] = VERSION_TARGET.exec(name) ?? [];
  if (family !== undefined && title !== undefined && version !== undefined) return { kind: folder === 'services' ? 'service' : 'template', family, id: `${family}/${title}`, version };
  const [, content, named, of] = CANONICAL_TARGET.exec(name) ?? [];
  if (named !== undefined && of !== undefined) return { kind: content === 'contracts' ? 'contract' : 'code-list', name: named, version: of };
  const [, waiverFamily, id] = WAIVER_TARGET.exec(name) ?? [];
  if (id !== undefined) return { kind: 'waiver', id, ...(waiverFamily === undefined ? {} : { family: waiverFamily }) };
  return undefined;
}

/** The name of a version's file. */
export function versionTarget({ kind, id, version }: VersionOf): string {
  return `${kind}s/${id}/${version}.json`;
}

/** How people read a version: `family/name@1.2.3`, `service family/name@1.2.3`. */
export function versionText({ kind, id, version }: VersionOf): string {
  return `${kind === 'template' ? '' : `${kind} `}${id}@${version}`;
}

/** Whether a name stands for a version of a template or a service. */
export function isVersioned(name: TargetName | undefined): name is VersionOf & { readonly family: string } {
  return name?.kind === 'template' || name?.kind === 'service';
}

/** The pattern of a family's services, as the board delegates it (TUF specification 4.5). */
export function servicePath(family: string): string {
  return `services/${family}/*/*.json`;
}

/** Targets that a family's owners sign. */
export function familyPaths(family: string): readonly string[] {
  return [`templates/${family}/*/*.json`, servicePath(family), `waivers/${family}/*.json`];
}

/** A name of the family's, to make a client load its list. */
export function anyTargetOf(family: string): string {
  return `templates/${family}/any/0.0.0.json`;
}
