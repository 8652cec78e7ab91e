import type { Context } from 'koa';
import { Agent } from 'undici';
import { readText } from '../runtime/body';
import { SECRET_HEADER } from '../runtime/service-secret';
import { asLikestreamError } from '../schemas/errors';

const FORWARD_MS = 10_000;

/** Headers of one connection (RFC 9110, section 7.6.1), and of the body's encoding. */
const HOP_HEADERS = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'expect',
  'content-length',
  'content-encoding',
];

/** Forwards requests to another process of this tree, and sends its answers back. */
export class Forwarder {
  private readonly agent = new Agent({ headersTimeout: FORWARD_MS, bodyTimeout: FORWARD_MS });

  constructor(private readonly secret: string) {}

  /** Answers `ctx` with the answer of `origin`; throws `peer_unavailable` if it is unreachable. */
  async forward(ctx: Context, origin: string): Promise<void> {
    const hasBody = ctx.method !== 'GET' && ctx.method !== 'HEAD';
    const body = hasBody ? await readText(ctx.req) : null;
    try {
      const answer = await this.agent.request({
        origin,
        // Only the path: a request line may name another host.
        path: `${ctx.path}${ctx.search}`,
        method: ctx.method as 'GET',
        headers: { ...withoutHop(ctx.headers), [SECRET_HEADER]: this.secret },
        body,
      });
      ctx.status = answer.statusCode;
      for (const [name, value] of Object.entries(withoutHop(answer.headers))) {
        if (value !== undefined) ctx.set(name, value);
      }
      ctx.body = Buffer.from(await answer.body.arrayBuffer());
    } catch (error) {
      throw asLikestreamError(error, 'peer_unavailable');
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

function withoutHop<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_HEADERS.includes(name)),
  );
}
