import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasCatalogueCache } from '../../../governance/catalogue/kept.ts';
import { openSiteCatalogue } from '../../../governance/catalogue/open.ts';
import type { CatalogueState, SiteCatalogue } from '../../../governance/catalogue/site-catalogue.ts';
import { isRing } from '../../../governance/catalogue/target-custom.ts';
import { counted } from '../../../governance/gate/rules/words.ts';
import type { Findings } from '../finding.ts';
import type { Check } from '../run-checks.ts';

/** The check has three seconds in all. */
const SOURCE_MS = 2_000;

type Options = Pick<Parameters<typeof openSiteCatalogue>[0], 'home' | 'source' | 'rootFile'>;

/** The catalogue that this site keeps, the source that it comes from, and whether Node-RED uses the gate. Nothing is kept by looking. */
export const catalogue: Check = {
  name: 'catalogue', title: 'Catalogue',
  async run(machine, findings) {
    const { home, catalogue: source, catalogueRoot, nodeRed } = machine;
    const kept = hasCatalogueCache(home);
    if (source === undefined && !kept) {
      findings.ok('none is named (WAYBILL_CATALOGUE), so this site is not governed');
      return;
    }
    if (nodeRed?.storageModule === false) findings.fail('Node-RED does not use the deploy gate, so governed steps do not run', 'Put it into settings.js ("waybill init" does it) and restart Node-RED.');
    const open = (options: Options): Promise<SiteCatalogue> => openSiteCatalogue({
      ring: isRing(machine.ring) ? machine.ring : 'all', site: machine.site, now: Date.now, timeoutMs: SOURCE_MS, log: () => { /* The state says it. */ }, ...options,
    });
    if (kept) sayKept(await open({ home, source: undefined, rootFile: catalogueRoot }), source === undefined, findings);
    if (source === undefined) return;
    const scratch = await mkdtemp(path.join(tmpdir(), 'waybill-doctor-'));
    try {
      const asked = await open({ home: scratch, source, rootFile: catalogueRoot ?? path.join(home, 'catalogue', 'root.json') });
      saySource(await asked.refresh(), asked, findings);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

const contentOf = (site: SiteCatalogue): string => [counted(site.templates().length, 'template'), ...(site.services().length === 0 ? [] : [counted(site.services().length, 'service')])].join(', ');

function sayKept(site: SiteCatalogue, alone: boolean, findings: Findings): void {
  const state = site.state();
  const what = `${contentOf(site)}, policy ${site.policy()?.version ?? 'none'}`;
  if (state.state === 'refused') findings.fail(`the kept copy is refused (${state.code}): ${state.reason}`, 'The next look fetches it anew; find out who writes into the home folder.');
  else if (state.state === 'stale' && (!alone || state.since !== state.checkedAt)) findings.ok(`kept: ${what}, looked at on ${state.checkedAt.slice(0, 16).replace('T', ' ')} UTC`);
  else findings.warn(`kept: ${what}; WAYBILL_CATALOGUE is not set here`, 'Run the doctor with the settings that Waybill runs with; without it nothing newer is asked for.');
}

function saySource(state: CatalogueState, site: SiteCatalogue, findings: Findings): void {
  if (state.state === 'refused') findings.fail(`what is served is refused (${state.code}): ${state.reason}`, 'docs/errors.md#catalogue says what to do; what was verified before goes on being used.');
  else if (state.state === 'stale') findings.warn(state.reason, 'Mend the line or WAYBILL_CATALOGUE; what was verified before goes on being used.');
  else if (state.state === 'fresh') findings.ok(`${state.source}: ${contentOf(site)}, signed and in order`);
}
