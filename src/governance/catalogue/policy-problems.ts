import type { Json, JsonObject } from '../../domain/json.ts';
import type { GatePolicy } from '../gate/policy.ts';
import { RULES } from '../gate/rules/index.ts';
import { isRange } from '../gate/rules/semver-range.ts';
import { schemaSentences } from '../schema-sentences.ts';

const KINDS: Readonly<Record<string, string>> = { number: 'a number', boolean: 'true or false', string: 'a text', array: 'a list' };

const kindOf = (value: Json): string => Array.isArray(value) ? 'array' : typeof value;

/** An option that a rule does not know, or cannot read, would count as not said. */
function optionProblems(code: string, known: JsonObject, said: JsonObject): readonly string[] {
  return Object.entries(said).flatMap(([name, value]) => {
    const where = `rules.${code}.options.${name}`;
    const fallback = Object.hasOwn(known, name) ? known[name] : undefined;
    if (fallback === undefined) return [`${where}: the rule has no such option${Object.keys(known).length === 0 ? '' : `; it has ${Object.keys(known).join(', ')}`}`];
    return fallback === null || kindOf(value) === kindOf(fallback) ? [] : [`${where}: must be ${KINDS[kindOf(fallback)] ?? kindOf(fallback)}`];
  });
}

/** What is wrong with the content of a `policy.json` that central is about to sign, one sentence each; none when it can be used. */
export function policyProblems(value: unknown): readonly string[] {
  const problems = schemaSentences('policy', value, 'docs/catalogue.md');
  if (problems.length > 0) return problems;
  const { rules, modules } = value as GatePolicy;
  return [
    ...Object.entries(rules).flatMap(([code, { options = {} }]) => {
      const rule = RULES.find((each) => each.code === code);
      return rule === undefined ? [`rules.${code}: there is no such rule; docs/gate.md lists them`] : optionProblems(code, rule.options ?? {}, options);
    }),
    ...Object.entries(modules ?? {}).filter(([, range]) => !isRange(range)).map(([name, range]) => `modules.${name}: ${JSON.stringify(range)} is no range of versions, such as ^1.2.0`),
  ];
}

const numbersOf = (version: string): readonly number[] => version.split(/[.-]/).map(Number);

/** Whether a policy's version comes after another's; a version that is no numbers, from before they were asked for, comes before all. */
export function isNewerPolicy(version: string, before: string): boolean {
  const [now, was] = [numbersOf(version), numbersOf(before)];
  if (was.some((each) => Number.isNaN(each))) return true;
  for (let at = 0; at < Math.max(now.length, was.length); at += 1) {
    const [one, other] = [now[at] ?? 0, was[at] ?? 0];
    if (one !== other) return one > other;
  }
  return false;
}
