declare module 'koa-sse-stream' {
  import type { Middleware } from 'koa';

  /** The middleware as it comes; koa-sse-stream 0.2. */
  export default function sse(options: { maxClients: number; pingInterval: number }): Middleware;
}
