import { BlockList, isIP, isIPv4 } from 'node:net';
import { ReachError } from './reach-error.ts';

/** Answers whether an address belongs to a proxy that the operator declared. */
export interface TrustedProxies {
  /** True when somebody declared at least one. */
  readonly any: boolean;
  has(address: string): boolean;
}

/** No proxy is declared: forwarded headers are never believed. */
export const noProxies: TrustedProxies = { any: false, has: () => false };

const names: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** An address as a socket or a header has it, without the IPv4 mapping, zone and brackets. */
export function plainAddress(address: string): string {
  const bare = address.trim().replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}

/**
 * Reads WAYBILL_TRUSTED_PROXIES: addresses and CIDR ranges, separated by commas or spaces; `loopback` and
 * `private` stand for the ranges of that name. Empty or undefined: none.
 * @throws ReachError `trusted-proxies`
 */
export function trustedProxies(text: string | undefined): TrustedProxies {
  const entries = (text ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return noProxies;
  const list = new BlockList();
  for (const entry of entries.flatMap((each) => names[each.toLowerCase()] ?? [each])) add(list, entry);
  return {
    any: true,
    has: (address) => {
      const plain = plainAddress(address);
      return isIP(plain) !== 0 && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
    },
  };
}

function add(list: BlockList, entry: string): void {
  const [address = '', prefix, ...more] = entry.split('/');
  const plain = plainAddress(address);
  const family = isIP(plain);
  const bits = prefix === undefined ? undefined : Number(prefix);
  const right = bits === undefined || (/^\d{1,3}$/.test(prefix ?? '') && bits > 0 && bits <= (family === 4 ? 32 : 128));
  if (family === 0 || !right || more.length > 0) {
    throw new ReachError('trusted-proxies', `WAYBILL_TRUSTED_PROXIES: "${entry}" is no address and no range; write for example 10.0.0.5, 10.1.0.0/16, loopback.`);
  }
  if (bits === undefined) list.addAddress(plain, family === 4 ? 'ipv4' : 'ipv6');
  else list.addSubnet(plain, bits, family === 4 ? 'ipv4' : 'ipv6');
}
