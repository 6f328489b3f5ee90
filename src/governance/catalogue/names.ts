/** Names that a catalogue knows. Everything else in a signed list is refused, so no name ever becomes a path by chance. */

const WORD = '[a-z0-9]+(?:-[a-z0-9]+)*';
const VERSION = '(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const FAMILY = new RegExp(`^${WORD}$`);
const TEMPLATE_ID = new RegExp(`^(${WORD})/(${WORD})$`);
const SEMVER = new RegExp(`^${VERSION}$`);
const TEMPLATE_TARGET = new RegExp(`^templates/(${WORD})/(${WORD})/(${VERSION})\\.json$`);
const WAIVER_TARGET = /^waivers\/(?:([a-z0-9]+(?:-[a-z0-9]+)*)\/)?([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.json$/;
const LONGEST_NAME = 200;
/** Names of TUF's own roles cannot be those of families. */
const TOP_LEVEL = new Set(['root', 'targets', 'snapshot', 'timestamp']);

export const POLICY_TARGET = 'policy.json';

/** What a target is, by its name. */
export type TargetName =
  | { readonly kind: 'template'; readonly family: string; readonly id: string; readonly version: string }
  | { readonly kind: 'waiver'; readonly family?: string; readonly id: string }
  | { readonly kind: 'policy' };

export function isFamily(name: string): boolean {
  return FAMILY.test(name) && name.length <= 60 && !TOP_LEVEL.has(name);
}

export function isTemplateId(id: string): boolean {
  return TEMPLATE_ID.test(id) && id.length <= 130;
}

export function isVersion(version: string): boolean {
  return SEMVER.test(version) && version.length <= 60;
}

/** Undefined for a name that is none of a catalogue's. */
export function readTargetName(name: string): TargetName | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  if (name === POLICY_TARGET) return { kind: 'policy' };
  const [, family, title, version] = TEMPLATE_TARGET.exec(name) ?? [];
  if (family !== undefined && title !== undefined && version !== undefined) return { kind: 'template', family, id: `${family}/${title}`, version };
  const [, waiverFamily, id] = WAIVER_TARGET.exec(name) ?? [];
  if (id !== undefined) return { kind: 'waiver', id, ...(waiverFamily === undefined ? {} : { family: waiverFamily }) };
  return undefined;
}

export function templateTarget(id: string, version: string): string {
  return `templates/${id}/${version}.json`;
}

/** Targets that a family's owners sign. */
export function familyPaths(family: string): readonly string[] {
  return [`templates/${family}/*/*.json`, `waivers/${family}/*.json`];
}

/** A name of the family's, to make a client load its list. */
export function anyTargetOf(family: string): string {
  return `templates/${family}/any/0.0.0.json`;
}
