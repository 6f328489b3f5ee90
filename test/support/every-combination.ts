import process from 'node:process';

/**
 * Set by `npm run test:long`: a test that looks at the same thing in many combinations (lines of Node-RED, sizes, themes, languages)
 * takes all of them; otherwise those in which each value occurs, and what depends on it is seen.
 */
export const EVERY_COMBINATION = process.env['WAYBILL_EVERY_COMBINATION'] === '1';

/** Of scenarios, those that are the first to hold a rule: each rule is played once. With {@link EVERY_COMBINATION} all of them. */
export function eachRuleOnce<S extends { readonly scenario: { readonly holds?: readonly string[] } }>(scenarios: readonly S[]): readonly S[] {
  const held = new Set<string>();
  return scenarios.filter(({ scenario: { holds = [] } }) => {
    const isFirst = holds.some((rule) => !held.has(rule));
    for (const rule of holds) held.add(rule);
    return isFirst || EVERY_COMBINATION;
  });
}
