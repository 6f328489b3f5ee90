import { mkdirSync } from 'node:fs';
import { openSqliteAccounts } from '../ledger/sqlite/accounts.ts';
import { openSqliteNotices } from '../ledger/sqlite/notices.ts';
import { openSqliteLedger } from '../ledger/sqlite/open.ts';
import { AccountError } from '../ledger/accounts-port.ts';
import type { AccountStore } from '../ledger/accounts-port.ts';
import type { NoticeStore } from '../ledger/notices-port.ts';
import { LedgerError } from '../ledger/port.ts';
import type { Waybill, WaybillSettings } from './api.ts';
import { Engine } from './engine.ts';
import type { Pace } from './notify/outbox.ts';
import { connectToNodeRed } from './node-red/connect.ts';
import type { RuntimeApi } from './node-red/connect.ts';
import { currentWaybill, setCurrentWaybill } from './node-red/current.ts';
import { nodeVersionProblem } from './node-red/node-version.ts';
import { RefusingWaybill } from './refusing.ts';
import { defaultTuning, siteSettings } from './settings.ts';
import type { EngineTuning } from './settings.ts';
import { openSiteCatalogue } from '../governance/catalogue/open.ts';
import type { SiteCatalogue } from '../governance/catalogue/site-catalogue.ts';
import { readRing } from '../governance/catalogue/target-custom.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { loadMailLinkKey, loadPseudonymKey } from './support/key-file.ts';
import { isTimeZone } from './sites.ts';
import { once, reportTo } from './support/reporting.ts';

/** Opens the engine on its home folder. Rejects with an error whose message says what to do. */
export async function openEngine(options: { readonly settings: WaybillSettings; readonly tuning?: Partial<EngineTuning>; readonly nodeName?: (id: string) => string; readonly clock?: Clock; readonly noticePace?: Partial<Pace> }): Promise<Engine> {
  const { settings, clock } = options;
  const tooOld = nodeVersionProblem(process.versions.node);
  if (tooOld !== undefined) throw new Error(tooOld);
  if (settings.timeZone !== undefined && !isTimeZone(settings.timeZone)) {
    throw new Error(`The time zone ${settings.timeZone} is not known; set WAYBILL_TIME_ZONE (or timeZone in settings.js) to a name such as Europe/Berlin.`);
  }
  mkdirSync(settings.home, { recursive: true, mode: 0o700 });
  const ledger = await openSqliteLedger({ home: settings.home, site: settings.site, ...(clock === undefined ? {} : { now: () => clock.now() }) });
  try {
    const accounts = openSqliteAccounts({ home: settings.home });
    const catalogue = await openSiteCatalogue({
      home: settings.home, source: settings.catalogue, rootFile: settings.catalogueRoot, ring: readRing(settings.ring), site: settings.site, now: () => (clock ?? systemClock).now(), log: (_level, text) => { once(`catalogue ${text}`, text); },
    });
    if (settings.catalogue !== undefined && catalogue.templates().length === 0 && catalogue.services().length === 0 && catalogue.policy() === undefined) await firstLook(catalogue, /^https?:/i.test(settings.catalogue) ? firstLookMs.server : firstLookMs.folder);
    return await Engine.open({
      catalogue,
      settings, ledger, accounts, notices: noticesOf(settings.home), mailLinkKey: loadMailLinkKey(settings.home), ...(options.noticePace === undefined ? {} : { noticePace: options.noticePace }), pseudonymKey: loadPseudonymKey(settings.home), tuning: { ...defaultTuning, ...options.tuning },
      ...(options.nodeName === undefined ? {} : { nodeName: options.nodeName }), ...(clock === undefined ? {} : { clock }),
    });
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** How long a start waits for a catalogue that the site has nothing of yet, ms: a server may be away, a folder is only as slow as this machine. */
const firstLookMs = { server: 10_000, folder: 60_000 };

/** Flows that are there before the catalogue, as in a new home, are judged when they start: what they are made from has to be known by then. */
async function firstLook(catalogue: SiteCatalogue, patienceMs: number): Promise<void> {
  const late = new Promise<void>((resolve) => { setTimeout(resolve, patienceMs).unref(); });
  await Promise.race([catalogue.refresh().then(() => undefined, (error: unknown) => once('catalogue', `The catalogue could not be looked at: ${String(error)}`)), late]);
}

/** What is still to be told. Nothing else waits for it: without it the engine works, and nobody is told. */
function noticesOf(home: string): NoticeStore | undefined {
  try {
    return openSqliteNotices(home);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    once('notices', error.message);
    return undefined;
  }
}

/** One line that says what is wrong with the home folder and what to do. */
function explain(error: unknown, settings: WaybillSettings): string {
  if (error instanceof LedgerError || error instanceof AccountError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `The home folder ${settings.home} cannot be written to; mend its permissions or set WAYBILL_HOME. (${message})`;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `The home folder ${settings.home} is no folder; set WAYBILL_HOME to one. (${message})`;
  if (code === 'ENOSPC') return `There is no room on the disk for ${settings.home}. (${message})`;
  return message;
}

/** The accounts without the engine; undefined when they cannot be opened either. */
function accountsAlone(settings: WaybillSettings): AccountStore | undefined {
  try {
    return openSqliteAccounts({ home: settings.home });
  } catch (error) {
    if (error instanceof AccountError) return undefined;
    throw error;
  }
}

/**
 * Called by the runtime plugin, before any flow starts. Never rejects: when the engine cannot open,
 * a refusing one takes its place and says why.
 * @param clock the time by which business goes; default this machine's
 */
export async function openRuntime(RED: RuntimeApi, tuning: Partial<EngineTuning> = {}, clock?: Clock): Promise<Waybill> {
  const running = currentWaybill();
  if (running !== undefined && running.state !== 'closed') return running;
  reportTo((text) => RED.log.warn(`[waybill] ${text}`));
  const settings = siteSettings(RED.settings.waybill, RED.settings.userDir ?? process.cwd());
  let waybill: Waybill;
  try {
    const engine = await openEngine({ settings, tuning: { ...tuning, ...RED.settings.waybillTuning }, nodeName: (id) => nodeName(RED, id), ...(clock === undefined ? {} : { clock }) });
    connectToNodeRed(RED, engine);
    RED.log.info(`[waybill] Waybill is open (epoch ${engine.epoch}, home ${settings.home})`);
    waybill = engine;
  } catch (error) {
    const reason = explain(error, settings);
    RED.log.error(`[waybill] Waybill refuses to work: ${reason}`);
    waybill = new RefusingWaybill(settings, reason, accountsAlone(settings));
  }
  setCurrentWaybill(waybill);
  return waybill;
}

function nodeName(RED: RuntimeApi, id: string): string {
  const node = RED.nodes?.getNode?.(id);
  return node?.name || node?.type || id;
}
