import type { GatePolicy } from '../../../src/governance/gate/policy.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import type { Level, RuleContext, ServiceRuleFacts, TemplateFacts } from '../../../src/governance/gate/rules/rule.ts';

/** A fixture of a rule: flows, what is known besides, and what is found. */
export interface Fixture {
  readonly about: string;
  readonly flows: unknown;
  readonly policy?: GatePolicy;
  readonly context?: {
    readonly now?: string; readonly site?: string;
    readonly templates?: readonly TemplateFacts[];
    readonly services?: readonly ServiceRuleFacts[];
    /** What every set of nodes hashes to. */
    readonly contentHash?: string;
    readonly before?: unknown;
    readonly openCases?: Readonly<Record<string, number>>;
    /** Environment variables of the machine. */
    readonly machine?: Readonly<Record<string, string>>;
    readonly providers?: Readonly<Record<string, { readonly module: string; readonly version: string }>>;
  };
  /** In the order in which they are found; `message` is a part of what is said. */
  readonly finds?: readonly { readonly node: string | null; readonly property?: string; readonly level?: Level; readonly message: string }[];
}

export function fixtureContext(fixture: Fixture): { readonly context: RuleContext; readonly policy: GatePolicy } {
  const { now, site, templates, services, contentHash, before, openCases, providers, machine } = fixture.context ?? {};
  const context: RuleContext = {
    now: now ?? '2026-11-28T12:00:00.000Z',
    ...(site === undefined ? {} : { site }),
    ...(templates === undefined ? {} : { templates: new Map(templates.map((each) => [`${each.id}@${each.version}`, each])) }),
    ...(services === undefined ? {} : { services: new Map(services.map((each) => [`${each.id}@${each.version}`, each])) }),
    ...(contentHash === undefined ? {} : { contentHash: () => contentHash }),
    ...(before === undefined ? {} : { before: readFlows(before) }),
    ...(openCases === undefined ? {} : { openCases: new Map(Object.entries(openCases)) }),
    ...(machine === undefined ? {} : { machine: (name: string) => (Object.hasOwn(machine, name) ? machine[name] : undefined) }),
    ...(providers === undefined ? {} : { provider: (type: string) => (Object.hasOwn(providers, type) ? providers[type] : undefined) }),
  };
  return { context, policy: fixture.policy ?? { version: 'test', rules: {} } };
}
