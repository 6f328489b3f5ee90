import type { Finding } from './rule.ts';

/** What a waiver says that rules need of it; `Waiver` of the catalogue is one. */
export interface WaiverFacts {
  readonly id: string;
  readonly rule: string;
  readonly sites: readonly string[];
  readonly scope: { readonly fingerprints?: readonly string[]; readonly template?: string };
  readonly grantedAt: string;
  readonly expiresAt: string;
  /** Family whose owners signed it; absent: the board did. */
  readonly family?: string;
}

const isWithin = (template: string | undefined, scope: string | undefined): boolean =>
  template !== undefined && scope !== undefined && (template === scope || template.replace(/@[^@]*$/, '') === scope);

/** The owners of one family exempt nobody from a rule at another's template. */
const mayExempt = (family: string | undefined, template: string | undefined): boolean => family === undefined || template === undefined || template.startsWith(`${family}/`);

/** Whether the waiver names this finding, whenever it holds. */
function names(waiver: WaiverFacts, finding: Finding, site: string | undefined): boolean {
  return waiver.rule === finding.rule && site !== undefined && (waiver.sites.includes(site) || waiver.sites.includes('*')) && mayExempt(waiver.family, finding.template)
    && (waiver.scope.fingerprints?.includes(finding.fingerprint) === true || isWithin(finding.template, waiver.scope.template));
}

/** The finding with the waiver that covers it at `now`; what is over is said in what to do. */
export function underWaivers(finding: Finding, waivers: readonly WaiverFacts[], now: string, site: string | undefined): Finding {
  const named = waivers.filter((waiver) => names(waiver, finding, site));
  const at = Date.parse(now);
  const holding = named.find(({ grantedAt, expiresAt }) => Date.parse(grantedAt) <= at && at < Date.parse(expiresAt));
  if (holding !== undefined) return { ...finding, admitted: { by: 'waiver', id: holding.id, until: holding.expiresAt } };
  const over = named.find(({ expiresAt }) => Date.parse(expiresAt) <= at);
  return over === undefined ? finding : { ...finding, mend: `${finding.mend} The waiver ${over.id} for it ended on ${over.expiresAt.slice(0, 10)}.` };
}
