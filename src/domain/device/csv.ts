import { csvFields, csvLines, csvSeparator } from '../csv.ts';
import type { DeviceKind } from '../events.ts';
import { deviceKinds } from './device.ts';

/** A line of a list of devices, as it stands there. */
export interface ListedDevice { readonly line: number; readonly deviceId: string; readonly name: string; readonly kind: DeviceKind; readonly station: string; readonly certificate: string; readonly silentAfter?: number }
export interface ListProblem { readonly line: number; readonly deviceId: string; readonly message: string }

/** What people call the columns; the first line names them. */
const columns: Readonly<Record<string, keyof Omit<ListedDevice, 'line'>>> = {
  id: 'deviceId', device: 'deviceId', deviceid: 'deviceId', serial: 'deviceId', name: 'name', kind: 'kind', station: 'station', certificate: 'certificate', silentafter: 'silentAfter', silent_after: 'silentAfter',
};

/** Reads a list of devices with a first line of column names, separated by comma, semicolon or tab. Lines that cannot be read leave the others alone. */
export function readDeviceList(text: string): { readonly devices: readonly ListedDevice[]; readonly problems: readonly ListProblem[] } {
  const lines = csvLines(text);
  const head = lines.findIndex((line) => line.trim() !== '');
  const first = lines[head] ?? '';
  const separator = csvSeparator(first);
  const names = (csvFields(first, separator) ?? []).map((name) => columns[name.toLowerCase().replace(/[\s-]/g, '')]);
  if (!names.includes('deviceId')) return { devices: [], problems: [{ line: head + 1, deviceId: '', message: 'The first line names the columns: id, kind, name, station, certificate, silentAfter. Only id is needed.' }] };
  const devices: ListedDevice[] = [];
  const problems: ListProblem[] = [];
  lines.forEach((line, index) => {
    if (index <= head || line.trim() === '') return;
    const fields = csvFields(line, separator);
    const of = (column: keyof Omit<ListedDevice, 'line'>): string => fields?.[names.indexOf(column)] ?? '';
    const deviceId = of('deviceId');
    const wrong = (message: string): void => { problems.push({ line: index + 1, deviceId, message }); };
    if (fields === undefined) return wrong('A quotation mark of this line is never closed.');
    if (fields.length > names.length && fields.slice(names.length).some((field) => field !== '')) return wrong('The line has more fields than the first line has names.');
    const kind = (of('kind') || 'scanner').toLowerCase();
    if (!(deviceKinds as readonly string[]).includes(kind)) return wrong(`The kind "${kind}" is not known; write scanner, gateway, rfid-reader, plc or other.`);
    const silent = of('silentAfter');
    if (silent !== '' && !/^\d{1,6}$/.test(silent)) return wrong(`"${silent}" is no number of minutes.`);
    devices.push({ line: index + 1, deviceId, name: of('name'), kind: kind as DeviceKind, station: of('station'), certificate: of('certificate'), ...(silent === '' ? {} : { silentAfter: Number(silent) }) });
  });
  return { devices, problems };
}
