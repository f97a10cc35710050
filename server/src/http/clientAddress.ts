import { isIP, isIPv6 } from 'node:net';

/** Groups of 16 bits of an IPv6 address that are one customer's line (RFC 6177): whoever has one has all addresses in it. */
const IPV6_SITE_GROUPS = 4;

export interface Peer {
  /** Address at the other end of the connection. */
  readonly remoteAddress: string | undefined;
  readonly forwardedFor: string | undefined;
}

/**
 * Where a request comes from. Of X-Forwarded-For only as many entries are believed, from the right, as there are
 * proxies of ours: what stands further left was written by whoever sent the request.
 */
export function clientAddress({ remoteAddress, forwardedFor }: Peer, trustedProxies: number): string {
  const direct = plainAddress(remoteAddress ?? '') ?? 'unknown';
  if (trustedProxies === 0 || !forwardedFor) return direct;
  const believed = forwardedFor.split(',').slice(-trustedProxies);
  return plainAddress(believed[0] ?? '') ?? direct;
}

/** What counts as one sender: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  return `${ipv6Groups(address).slice(0, IPV6_SITE_GROUPS).join(':')}::/64`;
}

/** Without the port, brackets and zone that some proxies write; an IPv4 address in its own form. */
function plainAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const address = mapped ?? bare;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/** The eight groups of an IPv6 address, `::` filled up. */
function ipv6Groups(address: string): string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high = '0', low = '0') => (Number(high) * 256 + Number(low)).toString(16);
  const text = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : address;
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}
