import type { Waiver } from '../catalogue/site-catalogue.ts';
import { judgedNodes } from './content.ts';
import type { GatePolicy } from './policy.ts';
import type { FlowNode, Flows } from './rules/flows.ts';
import type { Finding, RuleContext } from './rules/rule.ts';

/** A finding with whose it is: of what is being deployed, or of what ran before. */
export type JudgedFinding = Finding & { readonly yours: boolean };

/** The rules as the gate uses them. */
export interface RuleSet {
  read(nodes: readonly FlowNode[]): Flows;
  run(flows: Flows, context: RuleContext, policy: GatePolicy | undefined, admitted: { readonly baseline: unknown; readonly waivers: readonly Waiver[] }): readonly Finding[];
}

/** Two people let deploys pass these rules until then. */
export interface OpenBreakGlass { readonly id: string; readonly rules: readonly string[]; readonly until: string }

export interface JudgeInput {
  readonly flows: unknown;
  /** What runs now. */
  readonly before: Flows | undefined;
  /** Fingerprints of the findings of what runs now. */
  readonly known: ReadonlySet<string>;
  readonly context: Omit<RuleContext, 'before'>;
  readonly policy: GatePolicy | undefined;
  /** As its file holds it; undefined: none. */
  readonly baseline: unknown;
  readonly waivers: readonly Waiver[];
  readonly breakGlass: readonly OpenBreakGlass[];
  /** Errors are shown as warnings and refuse nothing: a site that has just begun. */
  readonly warnOnly: boolean;
}

export interface Judgement {
  readonly refused: boolean;
  /** Errors that nothing admits first, then warnings, then what is admitted. */
  readonly findings: readonly JudgedFinding[];
  /** Errors that nothing admits, before the mode softens them: what a baseline is taken from. */
  readonly breaches: readonly Finding[];
  /** Undefined when it was no list of nodes. */
  readonly flows: Flows | undefined;
}

const MEND_SHAPE = 'Deploy an export of flows: a JSON array of nodes, each with id and type.';

/** Judges flows by the rules. A rule that crashes is a finding; what is no list of nodes is refused. */
export function judgeFlows(rules: RuleSet, input: JudgeInput): Judgement {
  const nodes = judgedNodes(input.flows);
  if (nodes === undefined) {
    const finding: JudgedFinding = { rule: 'flows-readable', level: 'error', message: 'This is no list of nodes, so it cannot be judged.', mend: MEND_SHAPE, fingerprint: 'flows-readable', place: 'flows-readable', yours: true };
    return { refused: true, findings: [finding], breaches: [], flows: undefined };
  }
  const flows = rules.read(nodes);
  const context: RuleContext = { ...input.context, ...(input.before === undefined ? {} : { before: input.before }) };
  const found = rules.run(flows, context, input.policy, { baseline: input.baseline, waivers: input.waivers });
  const findings = found.map((finding) => judged(finding, input)).sort((a, b) => weight(a) - weight(b));
  return { refused: findings.some(isRefusing), findings, breaches: found.filter(isRefusing), flows };
}

/** An error that nothing admits. */
export function isRefusing(finding: Finding): boolean {
  return finding.level === 'error' && finding.admitted === undefined;
}

function judged(finding: Finding, { known, breakGlass, warnOnly }: JudgeInput): JudgedFinding {
  const yours = !known.has(finding.fingerprint);
  if (!isRefusing(finding)) return { ...finding, yours };
  const glass = breakGlass.find(({ rules }) => rules.includes(finding.rule));
  if (glass !== undefined) return { ...finding, yours, admitted: { by: 'break-glass', id: glass.id, until: glass.until } };
  return { ...finding, yours, ...(warnOnly ? { level: 'warn' } : {}) };
}

function weight(finding: Finding): number {
  return isRefusing(finding) ? 0 : finding.admitted === undefined ? 1 : 2;
}
