import { subscribe } from 'node:diagnostics_channel';
import Koa from 'koa';
import { readText } from '../../runtime/body';
import { systemClock } from '../../runtime/clock';
import { type HttpServer, openHttpServer } from '../../runtime/http-server';

const MAX_BODY_BYTES = 1024 * 1024;

/** A server that answers each request with its path and body, immediately or when released. */
export class EchoServer {
  private server!: HttpServer;
  inFlight = 0;
  most = 0;
  begun = 0;
  /** Requests that Node has parsed, whether they were served or not. */
  parsed = 0;
  /** Text that each answer has after the path and body. */
  padding = '';
  private isHeld = false;
  private waiting: (() => void)[] = [];

  async open(): Promise<void> {
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx) => {
      if (ctx.path === '/free') return;
      this.begun++;
      this.inFlight++;
      this.most = Math.max(this.most, this.inFlight);
      const body = await readText(ctx.req, MAX_BODY_BYTES);
      if (this.isHeld) await new Promise<void>((resolve) => this.waiting.push(resolve));
      this.inFlight--;
      ctx.body = `<${ctx.path} ${body}>${this.padding}`;
    });
    subscribe('http.server.request.start', () => this.parsed++);
    this.server = await openHttpServer(app, { port: 0, host: '127.0.0.1' }, systemClock);
  }

  get port(): number {
    return this.server.port;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Keeps answers back until `release`. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    for (const answer of this.waiting.splice(0)) answer();
  }
}
