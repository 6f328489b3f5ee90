import type { GatePolicy, RulePolicy } from './policy.ts';
import { admittedBy } from './baseline.ts';
import type { Baseline } from './baseline.ts';
import { fingerprintOf, placeOf } from './fingerprint.ts';
import type { FlowNode, Flows } from './flows.ts';
import { RULES } from './index.ts';
import { templateOf } from './provenance.ts';
import type { Breach, Finding, Level, Rule, RuleContext } from './rule.ts';
import { underWaivers } from './waivers.ts';
import type { WaiverFacts } from './waivers.ts';

/** A site without a policy: every rule as it is. */
export const DEFAULT_POLICY: GatePolicy = { version: 'default', rules: {} };

export interface RunOptions {
  readonly baseline?: Baseline | undefined;
  readonly waivers?: readonly WaiverFacts[];
  /** Others than all, for tests and for nrlint. */
  readonly rules?: readonly Rule[];
}

const STRENGTH: Readonly<Record<Level, number>> = { off: 0, warn: 1, error: 2 };

const isLevel = (level: unknown): level is Level => level === 'error' || level === 'warn' || level === 'off';

const weaker = (a: Level, b: Level): Level => (STRENGTH[a] < STRENGTH[b] ? a : b);

/** Level at governed nodes and elsewhere. A policy that says nothing readable has said nothing. */
function levelsOf(rule: Rule, said: RulePolicy): { readonly level: Level; readonly elsewhere: Level } {
  const level = isLevel(said.level) ? said.level : rule.level;
  const elsewhere = isLevel(said.elsewhere) ? said.elsewhere : rule.elsewhere ?? level;
  return { level, elsewhere: weaker(elsewhere, level) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function saidOf(policy: GatePolicy, code: string): RulePolicy {
  const rules: unknown = policy.rules;
  const said: unknown = isObject(rules) && Object.hasOwn(rules, code) ? (rules as GatePolicy['rules'])[code] : undefined;
  return isObject(said) ? said : {};
}

/** A rule that fails must not let flows pass: that it failed is a breach of it. */
function breachesOf(rule: Rule, flows: Flows, context: RuleContext, policy: GatePolicy, said: RulePolicy): readonly Breach[] {
  try {
    return [...rule.check(flows, context, { ...rule.options, ...(isObject(said.options) ? said.options : {}) }, policy)];
  } catch (error) {
    return [{
      about: 'crashed',
      message: `The rule ${rule.code} failed on these flows, so nobody knows whether they keep it: ${error instanceof Error ? error.message : String(error)}.`,
      mend: 'Tell central IT, with the flows; a policy can turn the rule off until it is mended.',
    }];
  }
}

/** The tab or subflow that a node is, stands on, or is an instance of, when it comes from a template. */
function templateAround(flows: Flows, node: FlowNode): string | undefined {
  const places = [node, flows.byId.get(node.z ?? ''), flows.byId.get(node.type.replace(/^subflow:/, ''))];
  for (const place of places) {
    const template = place === undefined ? undefined : templateOf(place);
    if (template !== undefined) return `${template.id}@${template.version}`;
  }
  return undefined;
}

function described(flows: Flows, node: FlowNode): NonNullable<Finding['node']> {
  const tab = node.type === 'tab' || node.type === 'subflow' ? node : flows.byId.get(node.z ?? '');
  return {
    id: node.id, type: node.type, name: node.name || node.label || '',
    ...(tab === undefined ? {} : { tab: tab.id, tabLabel: tab.label || tab.name || '' }),
  };
}

function findingOf(flows: Flows, rule: Rule, level: 'error' | 'warn', breach: Breach): Finding {
  const { node, property, message, mend } = breach;
  const template = node === undefined ? undefined : templateAround(flows, node);
  return {
    rule: rule.code, level, message, mend,
    ...(node === undefined ? {} : { node: described(flows, node) }),
    ...(property === undefined ? {} : { property }),
    ...(template === undefined ? {} : { template }),
    fingerprint: fingerprintOf(flows, rule.code, breach), place: placeOf(rule.code, breach),
  };
}

/** Equal breaches get numbers, so that each has a fingerprint of its own. */
function numbered(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, count);
    return count === 1 ? finding : { ...finding, fingerprint: `${finding.fingerprint}-${count}` };
  });
}

/**
 * Judges flows by all rules, at the levels of the policy. Answers every finding, the admitted ones too; flows may be
 * deployed when no finding of level `error` is left that is not admitted (`refuses`). Never throws.
 */
export function runRules(flows: Flows, context: RuleContext, policy: GatePolicy = DEFAULT_POLICY, options: RunOptions = {}): readonly Finding[] {
  const found = (options.rules ?? RULES).flatMap((rule) => {
    const said = saidOf(policy, rule.code);
    const { level, elsewhere } = levelsOf(rule, said);
    if (level === 'off') return [];
    return breachesOf(rule, flows, context, policy, said).flatMap((breach) => {
      const place = level === elsewhere || breach.node === undefined || flows.isGoverned(breach.node) ? level : elsewhere;
      const here = weaker(place, breach.level ?? place);
      return here === 'off' ? [] : [findingOf(flows, rule, here, breach)];
    });
  });
  const findings = numbered(found).map((finding) => underWaivers(finding, options.waivers ?? [], context.now, context.site));
  if (options.baseline === undefined) return findings;
  const old = admittedBy(options.baseline, findings.filter(({ admitted }) => admitted === undefined));
  return findings.map((finding) => (old.has(finding) ? { ...finding, admitted: { by: 'baseline' as const } } : finding));
}

/** Whether a finding keeps flows from being deployed. */
export const refuses = ({ level, admitted }: Finding): boolean => level === 'error' && admitted === undefined;
