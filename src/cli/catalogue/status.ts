import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { versionText } from '../../governance/catalogue/names.ts';
import type { Versioned, VersionOf } from '../../governance/catalogue/names.ts';
import { openSiteCatalogue } from '../../governance/catalogue/open.ts';
import { openFolder } from '../../governance/catalogue/publisher/folder.ts';
import { report } from '../../governance/catalogue/publisher/report.ts';
import type { Report, ReportedList, ReportedVersion } from '../../governance/catalogue/publisher/report.ts';
import { CatalogueRefusal } from '../../governance/catalogue/refusal.ts';
import { CatalogueCache } from '../../governance/catalogue/site/cache.ts';
import { readRing } from '../../governance/catalogue/target-custom.ts';
import type { CatalogueState, PublishedVersion } from '../../governance/catalogue/site-catalogue.ts';
import { settingsFromEnvironment } from '../../engine/settings.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { keysText } from '../../governance/signing/public-key.ts';
import { homeFolder, table } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import { catalogueFolder } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { signedText, signingText } from './signing-texts.ts';

const WARN_DAYS = 30;
const WARN_ONLINE_DAYS = 3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A sentence about how a site stands to its catalogue. */
export function stateSentence(state: CatalogueState): string {
  switch (state.state) {
    case 'none': return 'This site has no catalogue; it is not governed. WAYBILL_CATALOGUE says where one is.';
    case 'fresh': return `In order, checked ${state.checkedAt.slice(0, 16).replace('T', ' ')} UTC at ${state.source}.`;
    case 'stale': return `Stale since ${state.since.slice(0, 16).replace('T', ' ')} UTC: ${state.reason}`;
    case 'refused': return `Refused (${state.code}): ${state.reason}`;
  }
}

function versionTable(title: string, versions: readonly ReportedVersion[]): string {
  return table([title, 'LIFE', 'RING', 'SUNSET', 'WAITS'], versions.map(({ id, version, life, ring, sunset, pending }) => [`${id}@${version}`, life, ring, sunset ?? '', pending === undefined ? '' : `a change is ${pending}`]));
}

function sayPublisher(folder: string, found: Report): void {
  say(`Catalogue ${folder}`);
  say(`  Board    ${found.boardThreshold} of ${keysText(found.board)}`);
  say(`  Online   ${keysText(found.online)}`);
  for (const signing of found.families) say(`  ${signing.family}: ${signingText(signing)}`);
  say('');
  process.stdout.write(found.templates.length === 0 ? 'No template yet.\n' : versionTable('TEMPLATE', found.templates));
  if (found.services.length > 0) process.stdout.write(`\n${versionTable('SERVICE', found.services)}`);
  if (found.drafts.length > 0) say('');
  for (const draft of found.drafts) say(`Draft of ${draft.role}: ${draft.life}, ${signedText(draft)}`);
  say('');
  if (found.lists.length > 0) process.stdout.write(table(['LIST', 'VERSION', 'MADE', 'RUNS OUT', ''], found.lists.map((list) => [list.role, String(list.version), `${ageText(Date.now() - Date.parse(list.madeAt))} ago`, `${list.expires.slice(0, 10)}, ${leftText(list)}`, warningOf(list)])));
}

const isOnline = ({ role }: ReportedList): boolean => role === 'timestamp' || role === 'snapshot';

/** `3 days`; under two days in hours. */
function ageText(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / HOUR));
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

function leftText({ expires }: ReportedList): string {
  const left = Date.parse(expires) - Date.now();
  return left < 0 ? `${ageText(-left)} ago` : `in ${ageText(left)}`;
}

function warningOf(list: ReportedList): string {
  const days = (Date.parse(list.expires) - Date.now()) / DAY;
  if (days >= (isOnline(list) ? WARN_ONLINE_DAYS : WARN_DAYS)) return '';
  return `${days < 0 ? 'RAN OUT' : 'runs out soon'}: ${isOnline(list) ? 'renew it, "waybill catalogue publish"' : `whoever signs it signs a new version, "waybill catalogue renew ${list.role}"`}`;
}

/** Where the kept copy came from: a running instance may have its source from elsewhere than this shell. */
async function keptSource(home: string): Promise<string | undefined> {
  try {
    return (await new CatalogueCache(path.join(home, 'catalogue')).current())?.source;
  } catch (error) {
    if (!(error instanceof CatalogueRefusal)) throw error;
    return undefined;
  }
}

type KeptLife = Pick<PublishedVersion, 'status' | 'ring' | 'sunset' | 'successor'>;
type Named = Pick<VersionOf, 'id' | 'version'>;

const keptVersion = ({ id, version }: Named, { status, ring, sunset, successor }: KeptLife): object => ({ id, version, status, ring, sunset, successor });

function sayKept(kind: Versioned, named: Named, { status, ring, sunset }: KeptLife): void {
  say(`  ${versionText({ kind, ...named })}  ${status}${sunset === undefined ? '' : ` until ${sunset}`}  ${ring}`);
}

async function siteStatus(args: CatalogueArguments): Promise<number> {
  const home = homeFolder(args.values.home);
  const settings = settingsFromEnvironment(process.env, process.cwd());
  const catalogue = await openSiteCatalogue({
    home, source: settings.catalogue ?? await keptSource(home), rootFile: settings.catalogueRoot, ring: readRing(settings.ring), site: settings.site, now: Date.now,
    log: () => { /* The state says it. */ },
  });
  const state = catalogue.state();
  if (args.values.json === true) sayJson({ ...state, policy: catalogue.policy()?.version, templates: catalogue.templates().map(({ manifest, ...life }) => keptVersion(manifest, life)), services: catalogue.services().map(({ definition, ...life }) => keptVersion(definition, life)) });
  else {
    say(state.state === 'none' ? stateSentence(state) : `Kept in ${path.join(home, 'catalogue')}. ${stateSentence(state)}`);
    for (const { manifest, ...life } of catalogue.templates()) sayKept('template', manifest, life);
    for (const { definition, ...life } of catalogue.services()) sayKept('service', definition, life);
  }
  return state.state === 'refused' ? 1 : 0;
}

/** `waybill catalogue status`: of a publisher's folder; with `--site`, or where there is no such folder, of this site. */
export async function statusCommand(args: CatalogueArguments): Promise<number> {
  const folder = catalogueFolder(args);
  if (args.values.site === true || (args.values.catalogue === undefined && !existsSync(path.join(folder, 'catalogue.json')))) return await siteStatus(args);
  const found = await report(await openFolder(folder), Date.now());
  if (args.values.json === true) sayJson(found);
  else sayPublisher(folder, found);
  return 0;
}
