import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from 'koa';
import SseStream from 'koa-sse-stream/lib/sse';
import { LikestreamError } from '../../schemas/errors';

/**
 * The connection that a stream can have; throws `draining` where there is none: it is over, answers
 * to requests before this one are on their way, or this one came behind a stream that never ends.
 */
export function connectionOf({ req, res }: Context): Socket {
  const { socket } = res;
  if (!socket || socket.destroyed || socket !== req.socket || socket.writableLength > 0) {
    req.socket.destroy();
    throw new LikestreamError('draining', 'the connection is over');
  }
  return socket;
}

/** Sets the head of an event stream, which is koa-sse-stream's; what follows is not Koa's to send. */
export function setStreamHead(ctx: Context): void {
  // Not destroyed: it holds nothing but memory, and would make an Error of the write it has begun.
  new SseStream(ctx);
  ctx.respond = false;
  ctx.res.useChunkedEncodingByDefault = false;
  ctx.res.setHeader('Connection', 'close');
}

/** The head as it is sent, at `now`, ms since the epoch. */
export function headText(res: ServerResponse, now: number): string {
  const lines = ['HTTP/1.1 200 OK', `Date: ${new Date(now).toUTCString()}`];
  for (const [name, value] of Object.entries(res.getHeaders())) {
    for (const one of [value].flat()) lines.push(`${name}: ${one}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
