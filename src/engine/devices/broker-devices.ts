import { hash } from 'node:crypto';
import { isAt } from '../../domain/device/index.ts';
import type { Device } from '../../domain/device/index.ts';
import type { BrokerDevices, DeviceLogin, DeviceSignIn, SignedInDevice } from '../../intake/mqtt/index.ts';
import type { Clock } from '../support/clock.ts';
import { isKeyOf } from './keys.ts';
import type { DeviceRegister } from './register.ts';
import type { SiteSightings } from './sightings.ts';

interface Parts { readonly register: DeviceRegister; readonly sightings: (site: string) => SiteSightings; readonly clock: Clock; readonly count: (name: string) => void }

/** Verified keys that are remembered, so that a thousand devices that come back at once cost a look each. By hash: no key stays in memory. */
const mostRemembered = 5_000;

/** The register as the embedded broker asks it. Nothing of a password is ever told, logged or kept. */
export class RegisteredAtBroker implements BrokerDevices {
  readonly #parts: Parts;
  readonly #known = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  signIn({ user, password, certificate }: DeviceLogin): DeviceSignIn {
    if (certificate !== undefined) {
      const device = this.#parts.register.byCertificate(certificate.thumbprint);
      if (device !== undefined) {
        if (certificate.validTo < this.#parts.clock.now()) return this.#refuse(device, 'expired', `The certificate of the device ${device.deviceId} has expired; give it a new one and enter its thumbprint on the page Devices.`);
        return this.#admit(device, certificate.thumbprint);
      }
    }
    const device = user === undefined ? undefined : this.#parts.register.byId(user);
    if (device?.verifier === undefined) return { kind: 'none' };
    if (password === undefined || !this.#isKey(device.verifier, password)) return this.#refuse(device, 'key', `The device ${device.deviceId} came with a wrong key; give it a new one on the page Devices, or find out who tries.`);
    return this.#admit(device, device.verifier);
  }

  connected({ clientId, user }: Pick<DeviceLogin, 'clientId' | 'user'>, signedIn: SignedInDevice | undefined): () => void {
    const { register, clock } = this.#parts;
    const device = signedIn ?? (user === undefined ? undefined : register.byId(user)) ?? register.byId(clientId);
    if (device === undefined) return () => undefined;
    const sighted = this.#parts.sightings(device.site).at(device.deviceId, clock.now());
    sighted.lastSeen = clock.now();
    sighted.connections += 1;
    return () => {
      sighted.connections -= 1;
      sighted.lastSeen = clock.now();
    };
  }

  mayPublish({ site, deviceId }: SignedInDevice, topic: string): boolean {
    const station = this.#parts.register.get(site, deviceId)?.device.station;
    if (station === undefined) return true;
    const levels = topic.split('/');
    const length = station.split('/').length;
    return levels.some((_level, at) => isAt(station, levels.slice(at, at + length).join('/')));
  }

  holds({ site, deviceId, proof }: SignedInDevice): boolean {
    const device = this.#parts.register.get(site, deviceId)?.device;
    return device?.state === 'active' && (device.verifier === proof || device.certificate === proof);
  }

  onChanged(listener: () => void): () => void {
    return this.#parts.register.onChanged(listener);
  }

  #isKey(verifier: string, password: string): boolean {
    const digest = hash('sha256', `${verifier}\0${password}`);
    if (this.#known.get(verifier) === digest) return true;
    if (!isKeyOf(verifier, password)) return false;
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(verifier, digest);
    return true;
  }

  #admit(device: Device, proof: string): DeviceSignIn {
    if (device.state !== 'active') return this.#refuse(device, 'state', `The device ${device.deviceId} is ${device.state} and may not connect; unblock it on the page Devices, or take it out of use.`);
    return { kind: 'device', device: { site: device.site, deviceId: device.deviceId, kind: device.kind, proof } };
  }

  #refuse({ site, deviceId }: Device, why: 'key' | 'state' | 'expired', text: string): DeviceSignIn {
    const now = this.#parts.clock.now();
    const sighted = this.#parts.sightings(site).at(deviceId, now);
    sighted.refused += 1;
    sighted.refusedAt = now;
    this.#parts.count('device_sign_ins_refused');
    return { kind: 'refused', why, text };
  }
}
