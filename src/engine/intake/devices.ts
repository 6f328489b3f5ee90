import type { DevicePolicy, StationPolicy } from '../../domain/device/index.ts';
import type { NodePort, Waybill } from '../api.ts';
import type { DeviceAnswer, DeviceGate } from '../devices/gate.ts';

/** What the form of an intake says of devices. */
export interface DeviceOptions { readonly devices: string; readonly otherStation: string }

const policies: readonly DevicePolicy[] = ['any', 'note', 'registered'];
const stations: readonly StationPolicy[] = ['any', 'note', 'quarantine'];

/** Whose messages are taken. @throws RangeError with one sentence that says what to mend */
function policyOf(devices: string): DevicePolicy {
  const policy = policies.find((each) => each === devices);
  if (policy === undefined) throw new RangeError(`The node knows no devices "${devices}"; choose everybody, everybody with a note, or registered devices only.`);
  return policy;
}

/**
 * The gate of devices for senders without a station. Where everybody may send nobody is noted, and only what is blocked is put
 * aside. @throws RangeError with one sentence that says what to mend
 */
export function senderGate({ nodes, devices: register }: Pick<Waybill, 'nodes' | 'devices'>, site: string, devices: string): DeviceGate {
  const policy = policyOf(devices);
  const gate = nodes.deviceGate(site, { policy, station: 'any' });
  if (policy !== 'any') return gate;
  const isBlocked = (deviceId: string): boolean => register.get(site, deviceId)?.device?.state === 'blocked';
  return {
    ...gate,
    judge: (message) => (isBlocked(message.deviceId) ? gate.judge(message) : {}),
    alive: () => undefined,
  };
}

/** Where a Sparkplug report comes from. */
interface ReportSource { readonly group: string; readonly edgeNode: string; readonly device?: string }

/**
 * The gate of devices for edge nodes, by `group/edge node` or `group/edge node/device`. An edge node that is registered as a
 * gateway stands for what is behind it.
 */
export function edgeNodeGate(waybill: Pick<Waybill, 'nodes' | 'devices'>, site: string, register: string): { readonly judge: (source: ReportSource, occurredAt: string | undefined) => DeviceAnswer; readonly alive: (source: ReportSource) => void } {
  const gate = senderGate(waybill, site, register);
  const idOf = ({ group, edgeNode, device }: ReportSource): string => {
    const edge = `${group}/${edgeNode}`;
    return device === undefined || waybill.devices.get(site, edge)?.device?.kind === 'gateway' ? edge : `${edge}/${device}`;
  };
  return {
    judge: (source, occurredAt) => gate.judge({ deviceId: idOf(source), ...(occurredAt === undefined ? {} : { occurredAt }) }),
    alive: (source) => { if (register !== 'any') gate.alive(idOf(source)); }, // asked of every metric
  };
}

/** The gate of devices for one intake of a site. @throws RangeError with one sentence that says what to mend */
export function intakeDevices(nodes: Pick<NodePort, 'deviceGate'>, site: string, { devices, otherStation }: DeviceOptions): DeviceGate {
  const policy = policyOf(devices);
  const station = stations.find((each) => each === otherStation);
  if (station === undefined) throw new RangeError(`The node does not know what to do at another station with "${otherStation}"; choose taken in, noted or quarantine.`);
  return nodes.deviceGate(site, { policy, station });
}
