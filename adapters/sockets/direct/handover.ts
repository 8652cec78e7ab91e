import type { Context } from 'koa';
import {
  cInt,
  F_DUPFD_CLOEXEC,
  IPPROTO_TCP,
  type Libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_USER_TIMEOUT,
} from '../../../runtime/libc';
import { LikestreamError } from '../../../schemas/errors';
import { connectionOf, headText, setStreamHead } from '../stream-head';

/** Bytes that may wait in the kernel for a viewer; Linux doubles this for its own bookkeeping. */
export const SEND_BUFFER_BYTES = 32 * 1024;

/** A peer that acknowledges nothing for this long counts as disconnected. */
export const UNACKNOWLEDGED_MS = 20_000;

const SEND_BUFFER = cInt(SEND_BUFFER_BYTES);
const USER_TIMEOUT = cInt(UNACKNOWLEDGED_MS);

/**
 * Takes over a request's connection from Node and sends the head; returns a descriptor that the
 * caller must close. Throws `draining` if the connection has ended, and `full` if the process has
 * no free descriptor.
 */
export function takeOver(ctx: Context, libc: Libc, now: number): number {
  const socket = connectionOf(ctx);
  const file = libc.fcntl(descriptorOf(socket), F_DUPFD_CLOEXEC, 0);
  if (file < 0) throw new LikestreamError('full', `no descriptor: errno ${libc.errno()}`);
  setStreamHead(ctx);
  // For Node the answer is complete, so that it does not report the request as aborted.
  ctx.res.emit('finish');
  // Node may still emit an error, and no other listener is left.
  socket.on('error', () => {});
  socket.destroy();
  libc.setsockopt(file, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER, SEND_BUFFER.length);
  libc.setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT, USER_TIMEOUT.length);
  const head = Buffer.from(headText(ctx.res, now), 'latin1');
  if (libc.send(file, head, head.length, MSG_DONTWAIT | MSG_NOSIGNAL) === head.length) return file;
  libc.close(file);
  throw new LikestreamError('draining', 'the connection is over');
}

/** A socket's descriptor; -1 if it no longer has one. */
function descriptorOf(socket: object): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const file: unknown = handle && typeof handle === 'object' ? Reflect.get(handle, 'fd') : -1;
  return typeof file === 'number' ? file : -1;
}
