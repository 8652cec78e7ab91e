declare module 'koa-sse-stream/lib/sse' {
  import type { Transform } from 'node:stream';
  import type { Context } from 'koa';

  /** Sets the head of an event stream on `ctx` and its socket; koa-sse-stream 0.2. */
  export default class SseStream extends Transform {
    constructor(ctx: Context);
  }
}
