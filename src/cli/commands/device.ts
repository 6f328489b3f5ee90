import { runActions } from '../arguments.ts';
import { SiteError } from '../change/site-api.ts';
import { add, block, exportFiles, importList, key, list, options, retire, unblock } from '../device/at-site.ts';
import type { DeviceArguments } from '../device/at-site.ts';

const usage = `Usage:
  waybill device list [--site <site>] [--search <words>] [--state active|blocked|retired|unknown] [--attention] [--json]
  waybill device add <id> --site <site> [--kind scanner|gateway|rfid-reader|plc|other] [--name <…>] [--station <area/station>] [--certificate <sha256>] [--silent-after <minutes>]
  waybill device block <id> --site <site> --reason <…>
  waybill device unblock <id> --site <site>
  waybill device retire <id> --site <site> [--reason <…>]
  waybill device key <id> --site <site>                      makes a new key and prints it, this once
  waybill device import <list.csv> --site <site> [--dry-run] [--json]
  waybill device export --site <site> --format mosquitto --out <folder>

--url <address> (http://127.0.0.1:1880/waybill), and the token of a person in WAYBILL_TOKEN or --token-file <file>.
docs/devices.md tells the whole.
`;

const actions: Readonly<Record<string, (args: DeviceArguments) => Promise<number>>> = { list, add, block, unblock, retire, key, import: importList, export: exportFiles };

/** `waybill device …`; answers the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export function device(args: string[]): Promise<number> {
  return runActions({ name: 'device', usage, options, actions, failure: SiteError }, args);
}
