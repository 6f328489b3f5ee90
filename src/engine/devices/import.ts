import type { Decision } from '../../domain/decision.ts';
import { changeDevice, evolveDevice, registerDevice } from '../../domain/device/index.ts';
import type { Device } from '../../domain/device/index.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import type { DeviceInput, ImportedDevice } from './device-port.ts';

/** Registers what is not there, changes what is there and otherwise. */
export function placeDevice(state: Device | undefined, input: DeviceInput, by: string, others: readonly Device[]): Decision {
  return state === undefined || state.state === 'retired' ? registerDevice(state, { ...input, by }, others, others.length) : changeDevice(state, input, others);
}

function importedAs(deviceId: string, decision: Decision): ImportedDevice {
  if (decision.kind === 'refused') return { deviceId, what: 'refused', code: decision.code, message: refusalText[decision.code] };
  const [event] = decision.events;
  return { deviceId, what: event === undefined ? 'same' : event.type === 'DeviceRegistered' ? 'registered' : 'changed' };
}

/** What an import would come to: each line is judged as if those before it were done. */
export function planImport(site: string, current: ReadonlyMap<string, Device>, inputs: readonly DeviceInput[], by: string): readonly ImportedDevice[] {
  const devices = new Map(current);
  const seen = new Set<string>();
  return inputs.map((input) => {
    if (seen.has(input.deviceId)) return { deviceId: input.deviceId, what: 'refused', code: 'device-exists', message: 'The list has this device twice; leave one of the two lines.' };
    seen.add(input.deviceId);
    const state = devices.get(input.deviceId);
    const decision = placeDevice(state, input, by, [...devices.values()]);
    if (decision.kind === 'accepted') {
      const next = decision.events.reduce<Device | undefined>((device, event) => evolveDevice(device, { ...event, site }), state);
      if (next !== undefined) devices.set(input.deviceId, next);
    }
    return importedAs(input.deviceId, decision);
  });
}
