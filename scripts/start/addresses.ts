import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { isIPv6 } from 'node:net';

/** True for a HOST that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

/** True for a HOST that means every network of the machine. */
export function isEverywhere(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '[::]';
}

/** An address as it stands in a URL. */
export function inUrl(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** Addresses at which other machines, a phone for example, reach a server that listens on `host`; IPv4 first, no link-local ones. */
export function reachableAddresses(host: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): readonly string[] {
  if (isLoopback(host)) return [];
  if (!isEverywhere(host)) return [host];
  const own = Object.values(interfaces).flatMap((list) => list ?? []).filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  const of = (family: string): string[] => own.filter((each) => each.family === family).map(({ address }) => address);
  return host === '0.0.0.0' ? of('IPv4') : [...of('IPv4'), ...of('IPv6')];
}
