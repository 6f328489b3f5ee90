import type { CodeList } from './mapping.ts';

/** A code list as rows are looked up in it. */
export interface CodeLookup {
  /** `name@version`. */
  readonly id: string;
  toCentral(site: string): string | undefined;
  toSite(central: string): string | undefined;
}

export const codeListId = ({ name, version }: CodeList): string => `${name}@${version}`;

export function codeLookup(list: CodeList): CodeLookup {
  const central = new Map<string, string>();
  const site = new Map<string, string>();
  for (const entry of list.entries) {
    if (!central.has(entry.site)) central.set(entry.site, entry.central);
    if (!site.has(entry.central)) site.set(entry.central, entry.site);
  }
  return { id: codeListId(list), toCentral: (code) => central.get(code), toSite: (code) => site.get(code) };
}

const MOST_ENTRIES = 100_000;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const VERSION = /^\d+\.\d+\.\d+$/;

const textIn = (value: unknown, key: string): string | undefined => {
  const found = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
};

/** What is wrong with the content of a code list, one sentence each; none when it can be used. */
export function codeListProblems(value: unknown): readonly string[] {
  const problems: string[] = [];
  const name = textIn(value, 'name');
  if (name === undefined || !NAME.test(name) || name.length > 60) problems.push('name: needs small letters, digits and single dashes, for example items-berlin');
  if (!VERSION.test(textIn(value, 'version') ?? '')) problems.push('version: needs three numbers, for example 1.0.0');
  for (const key of ['title', 'owner']) if (textIn(value, key) === undefined) problems.push(`${key}: is missing`);
  const entries = (value as { readonly entries?: unknown } | null)?.entries;
  if (!Array.isArray(entries)) return [...problems, 'entries: needs a list of {"site", "central"}'];
  if (entries.length > MOST_ENTRIES) return [...problems, `entries: ${entries.length} are more than the ${MOST_ENTRIES} that a list may have; split it`];
  const seen = new Map<string, number>();
  (entries as readonly unknown[]).forEach((entry, index) => {
    const [site, central] = [textIn(entry, 'site'), textIn(entry, 'central')];
    if (site === undefined || central === undefined) problems.push(`entries/${index}: needs texts "site" and "central"`);
    else if (seen.has(site)) problems.push(`entries/${index}: the code "${site}" stands in entries/${seen.get(site)} already; a code of the site means one thing`);
    else seen.set(site, index);
  });
  return problems.slice(0, 20);
}
