import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from 'koa';
import SseStream from 'koa-sse-stream/lib/sse';
import { LikestreamError } from '../../schemas/errors';

/**
 * The connection of a request, for a stream. Throws `draining` if a stream cannot use it: it has
 * ended, it still sends answers to earlier requests, or an earlier request on it is a stream.
 */
export function connectionOf({ req, res }: Context): Socket {
  const { socket } = res;
  if (!socket || socket.destroyed || socket !== req.socket || socket.writableLength > 0) {
    req.socket.destroy();
    throw new LikestreamError('draining', 'the connection is over');
  }
  return socket;
}

/** Whether the client of a request speaks HTTP/1.0, which has no chunks. */
export function isPlain({ req }: Context): boolean {
  return req.httpVersionMajor === 1 && req.httpVersionMinor === 0;
}

/** Sets the head of an event stream, by koa-sse-stream; Koa sends nothing after it. */
export function setStreamHead(ctx: Context): void {
  // Not destroyed: it holds only memory, and would fail the write that it has begun.
  new SseStream(ctx);
  ctx.respond = false;
  // Frames have their size lines already, so that all viewers share the bytes.
  if (isPlain(ctx)) ctx.res.useChunkedEncodingByDefault = false;
  else ctx.res.setHeader('Transfer-Encoding', 'chunked');
  ctx.res.setHeader('Connection', 'close');
}

/** The text of the head; `now` is its date, ms since the epoch. */
export function headText(res: ServerResponse, now: number): string {
  const lines = ['HTTP/1.1 200 OK', `Date: ${new Date(now).toUTCString()}`];
  for (const [name, value] of Object.entries(res.getHeaders())) {
    for (const one of [value].flat()) lines.push(`${name}: ${one}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
