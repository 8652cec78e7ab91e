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

/** Bytes that may wait in the kernel for a viewer; Linux takes twice as much, for its own part. */
export const SEND_BUFFER_BYTES = 32 * 1024;

/** A peer that acknowledges nothing for so long is gone. */
export const UNACKNOWLEDGED_MS = 20_000;

const SEND_BUFFER = cInt(SEND_BUFFER_BYTES);
const USER_TIMEOUT = cInt(UNACKNOWLEDGED_MS);

/**
 * Takes a request's connection out of Node's hands, its head sent, and gives its descriptor, which is
 * the caller's to close. Throws `draining` when the connection is over, `full` when there are no
 * descriptors left.
 */
export function takeOver(ctx: Context, libc: Libc, now: number): number {
  const socket = connectionOf(ctx);
  const file = libc.fcntl(descriptorOf(socket), F_DUPFD_CLOEXEC, 0);
  if (file < 0) throw new LikestreamError('full', `no descriptor: errno ${libc.errno()}`);
  setStreamHead(ctx);
  // To Node the answer is over, and the request not one that was cut off.
  ctx.res.emit('finish');
  // Nobody else listens any more, and Node may still have something to say about it.
  socket.on('error', () => {});
  socket.destroy();
  libc.setsockopt(file, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER, SEND_BUFFER.length);
  libc.setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT, USER_TIMEOUT.length);
  const head = Buffer.from(headText(ctx.res, now), 'latin1');
  if (libc.send(file, head, head.length, MSG_DONTWAIT | MSG_NOSIGNAL) === head.length) return file;
  libc.close(file);
  throw new LikestreamError('draining', 'the connection is over');
}

/** A socket's descriptor; -1 where it has none any more. */
function descriptorOf(socket: object): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const file: unknown = handle && typeof handle === 'object' ? Reflect.get(handle, 'fd') : -1;
  return typeof file === 'number' ? file : -1;
}
