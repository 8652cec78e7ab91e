import { isIP } from 'node:net';

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED = '0:0:0:0:0:ffff';

/** An address with a port, as some proxies write it: `1.2.3.4:5` or `[2001:db8::1]:5`. */
const WITH_PORT = /^(?:\[(?<six>[^\]]*)\](?::\d{1,5})?|(?<four>\d+(?:\.\d+){3}):\d{1,5})$/;

/**
 * The address of the client behind `hops` proxies, each of which appends to `X-Forwarded-For` from
 * whom it got the request; with 0 that of the connection. Entries further left are the client's own
 * claims. If the header lacks the entry, or it is no address, the address of the connection counts.
 * Clients own whole networks of IPv6, so of an IPv6 address the network (/64) is returned.
 */
export function clientAddress(
  connection: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string | undefined {
  const claimed = hops > 0 ? entryFromRight(forwardedFor ?? '', hops) : undefined;
  return networkOf(claimed ?? '') ?? networkOf(connection ?? '');
}

/** The n-th entry of a list with commas, counted from its end; undefined if it has fewer. */
function entryFromRight(list: string, n: number): string | undefined {
  let end = list.length;
  for (let at = 1; ; at++) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
    if (at === n) return list.slice(comma + 1, end).trim();
    if (comma < 0) return undefined;
    end = comma;
  }
}

/** An IPv4 address, or the network of an IPv6 address; undefined for any other text. */
function networkOf(text: string): string | undefined {
  const { four, six } = WITH_PORT.exec(text)?.groups ?? {};
  const address = four ?? six ?? text;
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : undefined;
  const groups = ipv6Groups(address);
  if (groups.slice(0, 6).join(':') === MAPPED) return mappedAddress(groups);
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, as hexadecimal numbers without leading zeros. */
export function ipv6Groups(address: string): string[] {
  const [withoutZone = ''] = address.split('%');
  const [head = '', tail] = withoutZone.split('::');
  const [before, after] = [partsOf(head), partsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : GROUPS - before.length - after.length;
  return [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after];
}

function partsOf(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return Number.parseInt(part, 16).toString(16);
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

/** The IPv4 address in an IPv6 address, as a socket that takes both kinds shows it. */
function mappedAddress(groups: readonly string[]): string {
  const bytes = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return bytes.map((two) => `${two >> 8}.${two & 255}`).join('.');
}
