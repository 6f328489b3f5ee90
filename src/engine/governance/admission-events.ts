import type { AnyEvent } from '../../domain/index.ts';
import type { JudgedFinding } from '../../governance/gate/judge.ts';
import type { Flows } from '../../governance/gate/rules/flows.ts';
import type { RuleContext } from '../../governance/gate/rules/rule.ts';

/** What an admitted deploy used and changed besides the flows themselves. */
export function admissionEvents(_before: Flows | undefined, _after: Flows | undefined, findings: readonly JudgedFinding[], deployId: string, _contentHash: RuleContext['contentHash']): readonly AnyEvent[] {
  return waiversUsed(findings, deployId);
}

function waiversUsed(findings: readonly JudgedFinding[], deployId: string): readonly AnyEvent[] {
  const byWaiver = Map.groupBy(findings.filter(({ admitted }) => admitted?.by === 'waiver'), ({ admitted, rule }) => `${admitted?.id ?? ''} ${rule}`);
  return [...byWaiver.values()].map((under): AnyEvent => ({
    type: 'WaiverUsed', data: { waiverId: under[0]?.admitted?.id ?? '', rule: under[0]?.rule ?? '', deployId, fingerprints: under.map(({ fingerprint }) => fingerprint) },
  }));
}
