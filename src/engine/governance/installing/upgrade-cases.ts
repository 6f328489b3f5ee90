import type { PublishedTemplate } from '../../../governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../governance/gate/rules/flows.ts';
import { inRange } from '../../../governance/template/ranges.ts';

/** What becomes of the cases that are open at one step. */
export interface CasesAtStep {
  /** Where they rest: `instance/stepId`. */
  readonly address: string;
  readonly step: string;
  readonly count: number;
  /** `go-on`: in the new version, at the same step. `drain`: the old version stays beside the new one and finishes them. `refuse`: they have to be finished first. */
  readonly becomes: 'go-on' | 'drain' | 'refuse';
}

const stepIdOf = (node: FlowNode): string => (typeof node['stepId'] === 'string' ? node['stepId'] : '');

/**
 * The fate of open cases, step by step. A case stays at its address, so it goes on where the new version has the same step;
 * at a step that is gone or has another meaning it is finished by the old version, unless the template refuses that.
 * @param address instance part of the steps' addresses
 */
export function casesAtSteps(address: string, before: readonly FlowNode[], after: readonly FlowNode[], to: PublishedTemplate, from: string, counts: ReadonlyMap<string, number>): readonly CasesAtStep[] {
  const kept = new Set(after.filter((node) => stepIdOf(node) !== '').map((node) => `${node.type} ${stepIdOf(node)}`));
  const map = to.manifest.migrations?.find((migration) => inRange(from, migration.from))?.steps ?? {};
  return before.filter((node) => stepIdOf(node) !== '').flatMap((node): CasesAtStep[] => {
    const stepId = stepIdOf(node);
    const count = counts.get(`${address}/${stepId}`) ?? 0;
    if (count === 0) return [];
    const said = Object.hasOwn(map, stepId) ? map[stepId] : undefined;
    const same = kept.has(`${node.type} ${stepId}`) && (said === undefined || said === stepId);
    return [{ address: `${address}/${stepId}`, step: node.name === undefined || node.name === '' ? stepId : node.name, count, becomes: said === 'refuse' ? 'refuse' : same ? 'go-on' : 'drain' }];
  });
}
