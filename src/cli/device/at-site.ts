import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { readIfThere, replaceFile } from '../../governance/files.ts';
import { table, UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import type { Arguments } from '../arguments.ts';
import { SiteApi } from '../change/site-api.ts';
import { harmless } from '../harmless.ts';
import { accessFile, isMosquittoName, passwordFile } from './mosquitto.ts';
import type { ExportedDevice } from './mosquitto.ts';

export const options = {
  url: { type: 'string' }, 'token-file': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, site: { type: 'string' }, search: { type: 'string' }, state: { type: 'string' }, attention: { type: 'boolean' },
  kind: { type: 'string' }, name: { type: 'string' }, station: { type: 'string' }, certificate: { type: 'string' }, 'silent-after': { type: 'string' }, reason: { type: 'string' }, 'dry-run': { type: 'boolean' },
  format: { type: 'string' }, out: { type: 'string' },
} as const;
export type DeviceArguments = Arguments<typeof options>;

interface Row {
  readonly site: string; readonly deviceId: string; readonly state: string; readonly kind: string | null; readonly name: string; readonly station: string | null; readonly life: string; readonly clock: string; readonly skewSeconds: number | null;
  readonly hasKey: boolean; readonly seen: { readonly lastSeen: string; readonly messages: number; readonly station: string | null } | null;
}
interface Imported { readonly line?: number; readonly deviceId: string; readonly what: string; readonly message?: string }

const apiOf = ({ values }: DeviceArguments): SiteApi => new SiteApi(values.url, values['token-file'], '"waybill token create --user <name> --name cli --scope read,admin" makes one, for a person with the role engineer, site-manager or admin.');

function siteOf({ values }: DeviceArguments): string {
  if (values.site === undefined || values.site === '') throw new UsageError('Say --site <site>: devices belong to a site.');
  return values.site;
}
function idOf({ positionals: [id] }: DeviceArguments): string {
  if (id === undefined || id === '') throw new UsageError('Say which device, by its id; "waybill device list" names them.');
  return id;
}
const pathOf = (args: DeviceArguments, rest: string): string => `devices/${encodeURIComponent(siteOf(args))}/${encodeURIComponent(idOf(args))}/${rest}`;

export async function list(args: DeviceArguments): Promise<number> {
  const { values } = args;
  const query = new URLSearchParams({ limit: '200', ...(values.site === undefined ? {} : { site: values.site }), ...(values.search === undefined ? {} : { q: values.search }), ...(values.state === undefined ? {} : { state: values.state }), ...(values.attention === true ? { attention: 'true' } : {}) });
  const api = apiOf(args);
  const rows: Row[] = [];
  for (let next: string | undefined = ''; next !== undefined && rows.length < 50_000;) {
    if (next !== '') query.set('cursor', next);
    const page: { readonly items: readonly Row[]; readonly next?: string } = await api.get(`devices?${query.toString()}`);
    rows.push(...page.items);
    next = page.next;
  }
  if (values.json === true) sayJson(rows);
  else if (rows.length === 0) say('There is no such device.');
  else say(table(['SITE', 'ID', 'STATE', 'KIND', 'STATION', 'LAST SEEN', 'LIFE', 'CLOCK', 'KEY', 'NAME'], rows.map((row) => [
    harmless(row.site), harmless(row.deviceId), row.state, row.kind ?? '', harmless(row.station ?? row.seen?.station ?? ''), row.seen?.lastSeen.slice(0, 16) ?? 'never', row.life, row.clock === 'ok' ? 'ok' : `${row.skewSeconds ?? '?'} s`, row.hasKey ? 'yes' : '', harmless(row.name),
  ])).trimEnd());
  return 0;
}

export async function add(args: DeviceArguments): Promise<number> {
  const { values } = args;
  const silentAfter = values['silent-after'];
  if (silentAfter !== undefined && !/^\d{1,6}$/.test(silentAfter)) throw new UsageError('--silent-after is a number of minutes.');
  await apiOf(args).post('devices', {
    site: siteOf(args), deviceId: idOf(args), kind: values.kind ?? 'scanner', ...(values.name === undefined ? {} : { name: values.name }), ...(values.station === undefined ? {} : { station: values.station }),
    ...(values.certificate === undefined ? {} : { certificate: values.certificate }), ...(silentAfter === undefined ? {} : { silentAfter: Number(silentAfter) }),
  });
  say(`${harmless(idOf(args))} is registered.`);
  return 0;
}

async function become(args: DeviceArguments, state: string, done: string): Promise<number> {
  const { reason } = args.values;
  await apiOf(args).post(pathOf(args, 'state'), { state, ...(reason === undefined || reason === '' ? {} : { reason }) });
  say(`${harmless(idOf(args))} is ${done}.`);
  return 0;
}
export const block = (args: DeviceArguments): Promise<number> => become(args, 'blocked', 'blocked');
export const unblock = (args: DeviceArguments): Promise<number> => become(args, 'active', 'not blocked any more');
export const retire = (args: DeviceArguments): Promise<number> => become(args, 'retired', 'retired');

/** The key goes to standard output alone, for a program that takes it on; what is said about it goes beside it. */
export async function key(args: DeviceArguments): Promise<number> {
  const { key: made } = await apiOf(args).post<{ readonly key: string }>(pathOf(args, 'key'), {});
  process.stderr.write('This key is shown once; the one before is worth nothing any more. User name is the id of the device.\n');
  process.stdout.write(`${made}\n`);
  return 0;
}

export async function importList(args: DeviceArguments): Promise<number> {
  const [file] = args.positionals;
  if (file === undefined) throw new UsageError('Say which list: a file with a first line id,kind,name,station,certificate,silentAfter.');
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const dryRun = args.values['dry-run'] === true;
  const { devices } = await apiOf(args).post<{ readonly devices: readonly Imported[] }>('devices/import', { site: siteOf(args), dryRun, csv });
  if (args.values.json === true) sayJson(devices);
  const refused = devices.filter(({ what }) => what === 'refused');
  if (args.values.json !== true) {
    for (const { line, deviceId, message } of refused) say(`line ${line ?? '?'}  ${harmless(deviceId)}  ${harmless(message ?? '')}`);
    const count = (what: string): number => devices.filter((each) => each.what === what).length;
    say(`${dryRun ? 'It would be: ' : ''}${count('registered')} registered, ${count('changed')} changed, ${count('same')} as they are, ${refused.length} refused.`);
  }
  return refused.length === 0 ? 0 : 1;
}

export async function exportFiles(args: DeviceArguments): Promise<number> {
  if (args.values.format !== 'mosquitto') throw new UsageError('Say --format mosquitto: there is no other yet.');
  const { out } = args.values;
  if (out === undefined || out === '') throw new UsageError('Say --out <folder>: the files waybill-passwords and waybill-acl are written there.');
  const site = siteOf(args);
  const { enterprise, items } = await apiOf(args).get<{ readonly enterprise: string; readonly items: readonly ExportedDevice[] }>(`devices/export?site=${encodeURIComponent(site)}`);
  const write = async (name: string, make: (before: string) => string, mode: number): Promise<void> => {
    const file = path.join(out, name);
    await replaceFile(file, make((await readIfThere(file))?.toString('utf8') ?? ''), mode);
  };
  await write('waybill-passwords', (before) => passwordFile(items, before), 0o600);
  await write('waybill-acl', (before) => accessFile(items, enterprise, site, before), 0o644);
  for (const { deviceId } of items.filter((each) => each.state === 'active' && !isMosquittoName(each.deviceId))) process.stderr.write(`waybill device: ${harmless(deviceId)} has a colon in its id, which a password file cannot hold; it is left out.\n`);
  say(`${items.filter(({ verifier }) => verifier !== null).length} devices with a key are in waybill-passwords and waybill-acl in ${harmless(out)}. Send Mosquitto a SIGHUP.`);
  return 0;
}
