import { isIPv4, Socket } from 'node:net';
import {
  AF_INET,
  AF_INET6,
  cInt,
  EADDRINUSE,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  type Libc,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
} from './libc';
import { ipv6Groups } from './limits/client-address';

const YES = cInt(1);
const NO = cInt(0);

/** `struct sockaddr_in` and `sockaddr_in6`: family, port, address; zeros are any address. */
const ADDRESS_BYTES = { [AF_INET]: 16, [AF_INET6]: 28 } as const;
const PORT_AT = 2;
const ADDRESS_AT = { [AF_INET]: 4, [AF_INET6]: 8 } as const;

type Family = keyof typeof ADDRESS_BYTES;

/** A port on which all processes of a tree listen, each with its own queue of connections. */
export interface ReservedPort {
  readonly port: number;
  close(): void;
}

/**
 * Reserves a port for the processes of this tree without listening on it; 0 takes a free one.
 * Throws an Error with advice if another program listens on it.
 * @param host an IPv4 or IPv6 address; undefined: every address
 */
export function reservePort(port: number, libc: Libc, host?: string): ReservedPort {
  const { family, file } = open(libc, host);
  bind(libc, file, family, port, host);
  // Set after the bind, which must fail for a port that other programs share.
  libc.setsockopt(file, SOL_SOCKET, SO_REUSEPORT, YES, YES.length);
  const address = Buffer.alloc(ADDRESS_BYTES[family]);
  libc.getsockname(file, address, cInt(address.length));
  return { port: address.readUInt16BE(PORT_AT), close: () => libc.close(file) };
}

/** A socket on a port that the tree's other processes use as well; the server closes it. */
export function sharePort(port: number, libc: Libc, host?: string): Socket {
  const { family, file } = open(libc, host);
  libc.setsockopt(file, SOL_SOCKET, SO_REUSEPORT, YES, YES.length);
  bind(libc, file, family, port, host);
  return new Socket({ fd: file, readable: false, writable: false });
}

function open(libc: Libc, host?: string): { family: Family; file: number } {
  for (const family of familiesOf(host)) {
    const file = libc.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0) continue;
    if (family === AF_INET6) libc.setsockopt(file, IPPROTO_IPV6, IPV6_V6ONLY, NO, NO.length);
    libc.setsockopt(file, SOL_SOCKET, SO_REUSEADDR, YES, YES.length);
    return { family, file };
  }
  throw new Error(`no socket: errno ${libc.errno()}`);
}

/** The families to try: that of the address, or each one if it is every address. */
function familiesOf(host: string | undefined): readonly Family[] {
  if (host === undefined) return [AF_INET6, AF_INET];
  return [isIPv4(host) ? AF_INET : AF_INET6];
}

function bind(libc: Libc, file: number, family: Family, port: number, host?: string): void {
  const address = Buffer.alloc(ADDRESS_BYTES[family]);
  address.writeUInt16LE(family, 0);
  address.writeUInt16BE(port, PORT_AT);
  if (host !== undefined) bytesOf(host).copy(address, ADDRESS_AT[family]);
  if (libc.bind(file, address, address.length) === 0) return;
  const errno = libc.errno();
  libc.close(file);
  throw new Error(
    errno === EADDRINUSE
      ? `port ${port} is taken: stop what uses it, or set another PORT`
      : `port ${port}${host ? ` of ${host}` : ''} cannot be bound: errno ${errno}`,
  );
}

/** An address in network byte order. */
function bytesOf(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  return Buffer.from(
    ipv6Groups(host)
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}
