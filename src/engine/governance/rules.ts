import type { RuleSet } from '../../governance/gate/judge.ts';
import { readBaseline } from '../../governance/gate/rules/baseline.ts';
import { RULES } from '../../governance/gate/rules/index.ts';
import { readFlows } from '../../governance/gate/rules/read-flows.ts';
import { runRules } from '../../governance/gate/rules/run.ts';

/** The rules of this version, as the gate uses them. */
export const ruleSet: RuleSet = {
  read: readFlows,
  run: (flows, context, policy, { baseline, waivers }) => runRules(flows, context, policy, { baseline: readBaseline(baseline), waivers }),
};

/** Names of the rules, as policies, waivers and break-glass say them. */
export const ruleCodes: readonly string[] = RULES.map(({ code }) => code);
