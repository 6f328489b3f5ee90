import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { hostname } from 'node:os';

/** Where no system of a site is: nowhere, this network segment (clouds give out credentials there), many at once, what is reserved (RFC 6890). */
const nobodys = new BlockList();
nobodys.addSubnet('0.0.0.0', 8, 'ipv4');
nobodys.addSubnet('169.254.0.0', 16, 'ipv4');
nobodys.addSubnet('224.0.0.0', 3, 'ipv4');
nobodys.addAddress('::', 'ipv6');
nobodys.addSubnet('fe80::', 10, 'ipv6');
nobodys.addSubnet('ff00::', 8, 'ipv6');
// The segment of IPv4 behind NAT64 (RFC 6052), and what one cloud uses in its stead.
nobodys.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
nobodys.addAddress('fd00:ec2::254', 'ipv6');

const thisMachine = new BlockList();
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4');
thisMachine.addAddress('::1', 'ipv6');

/** Also for IPv4 addresses that are written as IPv6. */
function within(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Whether no system can be there. False for a name. */
export function isNobodys(host: string): boolean {
  return within(nobodys, host);
}

/** An address in numbers that is this machine's own. */
export function isLoopback(host: string): boolean {
  return within(thisMachine, host);
}

/** Names that nobody else can point here: `localhost` with what is below it (RFC 6761 §6.3), and this machine's own. */
function isOurs(host: string): boolean {
  const name = host.toLowerCase();
  const own = hostname().toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === own || name === own.split('.')[0];
}

/**
 * Finds the addresses of a name, without those that a system cannot have. Whoever answers for names (RFC 9499) may point one
 * elsewhere at any time: in the clear nothing proves who is there, so a name of another that leads to this machine is refused as well.
 */
export function guardedLookup(encrypted: boolean, find: typeof lookup = lookup): LookupFunction {
  return (host, options, callback) => {
    const found = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]): void => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => !isNobodys(address) && (encrypted || isOurs(host) || !isLoopback(address)));
      const [first] = allowed;
      if (first === undefined) return callback(Object.assign(new Error(refusal(host, addresses[0]?.address ?? '')), { code: ADDRESS_REFUSED }), '', 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    };
    find(host, { ...options, all: true }, found);
  };
}

export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

function refusal(host: string, address: string): string {
  return isLoopback(address)
    ? `The name ${host} leads to this machine (${address}), so nothing was sent in the clear; write localhost into the system's address if that is meant, else have the name mended.`
    : `The name ${host} leads to ${address === '' ? 'no address' : address}, where no system can be, so nothing was sent; have the name mended, or write another one into the system's address.`;
}
