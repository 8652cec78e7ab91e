import { createServer } from 'node:http';
import type { Transform } from 'node:stream';
import Koa from 'koa';
import sse from 'koa-sse-stream';
import { bodyOf } from './body';

/** A stream as in its README. */
interface SseStream extends Transform {
  send(event: { event: string; id?: string; data: string }): void;
}

/** koa-sse-stream as in its README: one `send` for each stream. */
const streams = new Set<SseStream>();
const app = new Koa();

app.use(async (ctx, next) => {
  if (ctx.method !== 'POST') return next();
  const data = (await bodyOf(ctx.req)).toString();
  const id = /"total":(\d+)/.exec(data)?.[1];
  for (const stream of streams) stream.send({ event: 'likes', id, data });
  ctx.status = 202;
  ctx.body = '';
});
app.use(sse({ maxClients: Number.POSITIVE_INFINITY, pingInterval: 3_600_000 }));
app.use(async (ctx) => {
  const stream: SseStream = ctx.sse;
  streams.add(stream);
  stream.on('close', () => streams.delete(stream));
});
// A viewer that leaves ends its pipeline early.
app.on('error', () => {});
createServer(app.callback()).listen({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  backlog: 4_096,
});
