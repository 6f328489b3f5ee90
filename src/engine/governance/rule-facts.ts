import type { PublishedTemplate, SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import type { RuleContext, TemplateFacts } from '../../governance/gate/rules/rule.ts';
import { serviceRuleFactsOf } from '../../governance/service/facts.ts';
import { factsOf } from '../../governance/template/facts.ts';
import type { Ledger } from '../../ledger/port.ts';
import { gateParts } from './in-place.ts';

/** A catalogue makes its list anew each time it is asked, of templates that stay the same. */
const known = new WeakMap<PublishedTemplate, TemplateFacts>();

function factsFor(published: PublishedTemplate): TemplateFacts {
  const facts = known.get(published) ?? factsOf(published);
  known.set(published, facts);
  return facts;
}

/** By `id@version`; undefined when the site has no catalogue. */
export function templatesOf(catalogue: SiteCatalogue): ReadonlyMap<string, TemplateFacts> | undefined {
  if (catalogue.state().state === 'none') return undefined;
  return new Map(catalogue.templates().map((each) => [`${each.manifest.id}@${each.manifest.version}`, factsFor(each)]));
}

/** By `family/name@1.2.0`; undefined when the site has no catalogue. */
function servicesOf(catalogue: SiteCatalogue): RuleContext['services'] {
  return catalogue.state().state === 'none' ? undefined : serviceRuleFactsOf(catalogue.services());
}

/** Cases that rest at an address, or are on their way from it. */
export async function openCasesOf(ledger: Ledger): Promise<ReadonlyMap<string, number>> {
  return new Map((await ledger.addressCounts()).map(({ address, steps, tokens }) => [address, steps + tokens]));
}

/** What rules know of the site besides the flows. */
export async function ruleFacts(options: { readonly now: string; readonly site: string; readonly ledger: Ledger; readonly catalogue: SiteCatalogue; readonly contentHash: RuleContext['contentHash'] }): Promise<Omit<RuleContext, 'before'>> {
  const { now, site, ledger, catalogue, contentHash } = options;
  const [templates, services] = [templatesOf(catalogue), servicesOf(catalogue)];
  const { provider } = gateParts();
  return {
    now, site, machine: (name) => process.env[name], openCases: await openCasesOf(ledger), ...(templates === undefined ? {} : { templates }), ...(services === undefined ? {} : { services }), ...(contentHash === undefined ? {} : { contentHash }),
    ...(provider === undefined ? {} : { provider }),
  };
}
