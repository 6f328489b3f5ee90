import type { AnyEvent } from '../../domain/index.ts';
import type { JudgedFinding } from '../../governance/gate/judge.ts';
import type { InstalledTemplate } from './port.ts';

/** Longest parameter value that stands in an event. */
const LONGEST_VALUE = 2_000;

/** What an admitted deploy used and changed besides the flows themselves. */
export function admissionEvents(before: readonly InstalledTemplate[], after: readonly InstalledTemplate[], findings: readonly JudgedFinding[], deployId: string): readonly AnyEvent[] {
  return [...waiversUsed(findings, deployId), ...installs(before, after), ...parameters(before, after)];
}

function waiversUsed(findings: readonly JudgedFinding[], deployId: string): readonly AnyEvent[] {
  const byWaiver = Map.groupBy(findings.filter(({ admitted }) => admitted?.by === 'waiver'), ({ admitted, rule }) => `${admitted?.id ?? ''} ${rule}`);
  return [...byWaiver.values()].map((under): AnyEvent => ({
    type: 'WaiverUsed', data: { waiverId: under[0]?.admitted?.id ?? '', rule: under[0]?.rule ?? '', deployId, fingerprints: under.map(({ fingerprint }) => fingerprint) },
  }));
}

/** What tells installations of a template apart, over versions: the name that the site gave it, or where it stands. */
function placeOf({ kind, instance, containers }: InstalledTemplate): string {
  return kind === 'block' ? '' : instance === '' ? containers[0] ?? '' : instance;
}
const keyOf = (installed: InstalledTemplate): string => `${installed.id} ${installed.kind === 'block' ? installed.version : ''} ${placeOf(installed)}`;

function installs(before: readonly InstalledTemplate[], after: readonly InstalledTemplate[]): readonly AnyEvent[] {
  const was = new Map(before.map((installed) => [keyOf(installed), installed]));
  const is = new Map(after.map((installed) => [keyOf(installed), installed]));
  const added = [...is].flatMap(([key, { id, version, contentHash = '', ...place }]): readonly AnyEvent[] => {
    const old = was.get(key);
    if (old !== undefined && old.version === version && old.contentHash === contentHash) return [];
    return [{ type: 'TemplateInstalled', data: { template: id, version, contentHash, instance: placeOf({ id, version, contentHash, ...place }), ...(old === undefined ? {} : { previous: old.version }) } }];
  });
  const removed = [...was].flatMap(([key, installed]): readonly AnyEvent[] => (is.has(key) ? [] : [{ type: 'TemplateRemoved', data: { template: installed.id, version: installed.version, instance: placeOf(installed) } }]));
  return [...removed, ...added];
}

function parameters(before: readonly InstalledTemplate[], after: readonly InstalledTemplate[]): readonly AnyEvent[] {
  const was = new Map(before.flatMap(({ places }) => places.map(({ node, parameters: values }) => [node, values] as const)));
  return after.flatMap(({ id, version, places }) => places.flatMap(({ node, parameters: values }) => {
    const old = was.get(node) ?? {};
    const names = was.has(node) ? [...new Set([...Object.keys(old), ...Object.keys(values)])] : [];
    return names.filter((name) => (old[name] ?? null) !== (values[name] ?? null)).map((name): AnyEvent => ({
      type: 'ParameterChanged', data: { template: id, version, instance: node, name, old: cut(old[name]), new: cut(values[name]) },
    }));
  }));
}

function cut(value: string | null | undefined): string | null {
  return value === undefined || value === null ? null : value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
}
