/** A device as `GET devices/export` answers it. */
export interface ExportedDevice { readonly deviceId: string; readonly state: 'active' | 'blocked' | 'retired'; readonly kind: string; readonly station: string | null; readonly verifier: string | null; readonly certificate: string | null }

const begin = '# devices of Waybill, written by "waybill device export": begin';
const end = '# devices of Waybill: end';
/** Stand for levels of a topic that the register does not say. */
const anyLevel = '+';

/** A colon ends the name in a password file. */
export function isMosquittoName(deviceId: string): boolean {
  return !deviceId.includes(':');
}

/**
 * Lines of a Mosquitto password file: `<name>:$7$…`. Users that are no devices, Waybill's own for example, stay as they are; devices
 * that are blocked, retired or without a key are not in it.
 */
export function passwordFile(devices: readonly ExportedDevice[], before: string): string {
  const known = new Set(devices.map(({ deviceId }) => deviceId));
  const others = before.split(/\r?\n/).filter((line) => line !== '' && !known.has(line.split(':')[0] ?? ''));
  const own = devices.filter(({ verifier, deviceId }) => verifier !== null && isMosquittoName(deviceId)).map(({ deviceId, verifier }) => `${deviceId}:${verifier}`);
  return [...others, ...own].map((line) => `${line}\n`).join('');
}

/** Topics that a device may write: what lies under its station, or under its site when it has none. */
export function topicsOf({ station }: Pick<ExportedDevice, 'station'>, enterprise: string, site: string): string {
  const base = `${enterprise}/${site}`;
  if (station === null) return `${base}/#`;
  return station.includes('/') ? `${base}/${station}/#` : `${base}/${anyLevel}/${station}/#`;
}

/** The access list: each active device writes and reads under its own station. What stands outside of the marked lines stays. */
export function accessFile(devices: readonly ExportedDevice[], enterprise: string, site: string, before: string): string {
  const own = devices.filter(({ state, deviceId }) => state === 'active' && isMosquittoName(deviceId)).flatMap((device) => [`user ${device.deviceId}`, `topic readwrite ${topicsOf(device, enterprise, site)}`, '']);
  const section = [begin, ...own, end].join('\n');
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  if (from === -1 || to < from) return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${section}\n`;
  return `${before.slice(0, from)}${section}${before.slice(to + end.length)}`;
}
