import type { Client } from 'aedes';
import type { MessageSender } from './scan-source.ts';

/** How a device introduces itself at the embedded broker. */
export interface DeviceLogin {
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Of the TLS handshake, which has proved that the device holds its key. SHA-256 in hexadecimal. */
  readonly certificate?: { readonly thumbprint: string; readonly validTo: number };
}

/** A device that has proved who it is. `proof`: what it was known by then. */
export interface SignedInDevice extends MessageSender { readonly site: string; readonly proof: string }

export type DeviceSignIn =
  | { readonly kind: 'device'; readonly device: SignedInDevice }
  /** The name is a device's, and the rest is not. */
  | { readonly kind: 'refused'; readonly why: 'key' | 'state' | 'expired'; readonly text: string }
  /** Nobody of the register. */
  | { readonly kind: 'none' };

/** What the embedded broker asks of the register of devices. */
export interface BrokerDevices {
  signIn(login: DeviceLogin): DeviceSignIn;
  /** A connection of a device, or of a client that has the name of one: it is there until the returned function is called. */
  connected(login: Pick<DeviceLogin, 'clientId' | 'user'>, device: SignedInDevice | undefined): () => void;
  /** Whether a topic that no intake takes is one of the device's own station. */
  mayPublish(device: SignedInDevice, topic: string): boolean;
  /** Whether what it was known by still holds. */
  holds(device: SignedInDevice): boolean;
  /** Called when a device was changed, blocked or retired, or got another key. */
  onChanged(listener: () => void): () => void;
}

/** Which clients of the broker are which devices. */
export class DeviceSessions {
  readonly #devices: () => BrokerDevices | undefined;
  readonly #signedIn = new Map<Client, SignedInDevice>();
  readonly #leaving = new Map<Client, () => void>();
  readonly #followed = new WeakSet<BrokerDevices>();
  readonly #logins = new WeakMap<Client, Pick<DeviceLogin, 'clientId' | 'user'>>();

  /** `devices` may come later than the broker, and change when the engine is opened anew. */
  constructor(devices: () => BrokerDevices | undefined) {
    this.#devices = devices;
  }

  /** Undefined while there is no register that could say. */
  signIn(client: Client, login: DeviceLogin): DeviceSignIn | undefined {
    const devices = this.#devices();
    if (devices === undefined) return undefined;
    this.#follow(devices);
    const answer = devices.signIn(login);
    this.#logins.set(client, { clientId: login.clientId, user: login.user });
    if (answer.kind === 'device') this.#signedIn.set(client, answer.device);
    return answer;
  }

  of(client: Client | null): SignedInDevice | undefined {
    return client === null ? undefined : this.#signedIn.get(client);
  }

  mayPublish(client: Client | null, topic: string): boolean {
    const device = this.of(client);
    return device === undefined || this.#devices()?.mayPublish(device, topic) !== false;
  }

  ready(client: Client): void {
    const login = this.#logins.get(client);
    const left = login === undefined ? undefined : this.#devices()?.connected(login, this.of(client));
    if (left !== undefined) this.#leaving.set(client, left);
  }
  left(client: Client): void {
    this.#leaving.get(client)?.();
    this.#leaving.delete(client);
    this.#signedIn.delete(client);
  }

  /** Who may not be connected any more is not: a blocked scanner is cut off in the middle of its work. */
  #follow(devices: BrokerDevices): void {
    if (this.#followed.has(devices)) return;
    this.#followed.add(devices);
    devices.onChanged(() => {
      for (const [client, device] of [...this.#signedIn]) if (!devices.holds(device)) client.close();
    });
  }
}
