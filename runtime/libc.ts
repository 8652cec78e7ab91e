/** The C library's calls on descriptors; a failed call returns -1, and `errno` has the reason. */
export interface Libc {
  send(file: number, bytes: Buffer, length: number, flags: number): number;
  recv(file: number, bytes: null, length: number, flags: number): number;
  fcntl(file: number, command: number, argument: number): number;
  setsockopt(file: number, level: number, name: number, value: Buffer, length: number): number;
  getsockopt(file: number, level: number, name: number, value: Buffer, length: Buffer): number;
  shutdown(file: number, how: number): number;
  socket(family: number, kind: number, protocol: number): number;
  bind(file: number, address: Buffer, length: number): number;
  getsockname(file: number, address: Buffer, length: Buffer): number;
  close(file: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, file: number, event: Buffer): number;
  epoll_wait(epoll: number, events: Buffer, most: number, ms: number): number;
  errno(): number;
  /** Calls `ready` from Node's event loop while the descriptor can be read. */
  watch(file: number, ready: () => void): Watch;
}

/** A descriptor that Node's event loop watches; it does not keep the process alive. */
export interface Watch {
  unref(): void;
  close(): void;
}

// Linux on x64 and arm64.
export const EAGAIN = 11;
export const F_DUPFD_CLOEXEC = 1_030;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
/** For recv on TCP: the kernel discards the received bytes. */
export const MSG_TRUNC = 0x20;
export const SHUT_WR = 1;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_SNDBUF = 7;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const IPPROTO_TCP = 6;
export const TCP_INFO = 11;
export const TCP_USER_TIMEOUT = 18;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;
export const EADDRINUSE = 98;

/** A socket option's value as C's int. */
export function cInt(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

type Call = (...args: readonly unknown[]) => number;

/** koffi has types only for `import`; `require` returns the same module. */
interface Koffi {
  load(library: null): { func(signature: string): Call };
  errno(): number;
  readonly node: { poll(file: number, ready: () => void): Watch };
}

const SIGNATURES = {
  send: 'int64_t send(int file, const void *bytes, size_t length, int flags)',
  recv: 'int64_t recv(int file, void *bytes, size_t length, int flags)',
  fcntl: 'int fcntl(int file, int command, int argument)',
  setsockopt: 'int setsockopt(int file, int level, int name, const void *value, uint32_t length)',
  getsockopt:
    'int getsockopt(int file, int level, int name, _Out_ void *value, _Inout_ void *length)',
  shutdown: 'int shutdown(int file, int how)',
  socket: 'int socket(int family, int kind, int protocol)',
  bind: 'int bind(int file, const void *address, uint32_t length)',
  getsockname: 'int getsockname(int file, _Out_ void *address, _Inout_ void *length)',
  close: 'int close(int file)',
  epoll_create1: 'int epoll_create1(int flags)',
  epoll_ctl: 'int epoll_ctl(int epoll, int operation, int file, const void *event)',
  epoll_wait: 'int epoll_wait(int epoll, _Out_ void *events, int most, int ms)',
} as const;

/** The C library of this process; throws on other systems than Linux, or without koffi. */
export function loadLibc(platform = process.platform, arch = process.arch): Libc {
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(`no direct sockets on ${platform} ${arch}`);
  }
  const koffi: Koffi = require('koffi');
  const library = koffi.load(null);
  const call = (name: keyof typeof SIGNATURES): Call => library.func(SIGNATURES[name]);
  if (typeof koffi.node.poll !== 'function') throw new Error('this koffi has no poll');
  return {
    ...{ send: call('send'), recv: call('recv'), fcntl: call('fcntl'), close: call('close') },
    ...{ setsockopt: call('setsockopt'), getsockopt: call('getsockopt') },
    shutdown: call('shutdown'),
    ...{ socket: call('socket'), bind: call('bind'), getsockname: call('getsockname') },
    ...{ epoll_create1: call('epoll_create1'), epoll_ctl: call('epoll_ctl') },
    epoll_wait: call('epoll_wait'),
    errno: koffi.errno,
    watch: koffi.node.poll,
  };
}
