import { isObject } from './presets.ts';

/** A message by which a device only says that it is there: no scan, and nothing for a person to look at. */
export interface LifeSign { readonly deviceId?: string }

/** ProGlove's state events, and what other devices call theirs. */
const KINDS = new Set(['gateway_state', 'scanner_state', 'heartbeat', 'status', 'keepalive', 'online']);
/** Where devices say who they are. A gateway that tells of a scanner names both: it is the scanner's sign. */
const NAMES = ['device_serial', 'gateway_serial', 'device', 'deviceId', 'device_id', 'serial'];
/** Bigger ones are something else. */
const MOST_BYTES = 4_096;

/** The sign of life that a message is, if it is one. Looked at only when no scan was found in it. */
export function lifeSignOf(payload: Uint8Array): LifeSign | undefined {
  if (payload.length === 0 || payload.length > MOST_BYTES) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isObject(document)) return undefined;
  const kind = [document['event_type'], document['type'], document['event']].find((value) => typeof value === 'string');
  if (kind === undefined || !KINDS.has((kind as string).toLowerCase())) return undefined;
  const deviceId = NAMES.map((name) => document[name]).find((value): value is string => typeof value === 'string' && value !== '' && value.length <= 64);
  return deviceId === undefined ? {} : { deviceId };
}
