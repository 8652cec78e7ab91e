import type { Context } from 'koa';
import { readText } from '../runtime/body';
import { memberHeader } from '../runtime/members/forwarded-members';
import type { Members } from '../runtime/members/members';
import type { ServiceClient } from '../runtime/services/service-client';

const FORWARD_MS = 10_000;

/** The headers of a request that routes read. */
const REQUEST_HEADERS = ['content-type', 'if-none-match', 'last-event-id'];

/** The headers of an answer that belong to it, not to its connection. */
const ANSWER_HEADERS = [
  ...['content-type', 'retry-after', 'etag', 'cache-control', 'vary', 'allow'],
  'www-authenticate',
];

/** Forwards requests to another process, and sends its answers back. */
export class Forwarder {
  constructor(
    private readonly client: Pick<ServiceClient, 'call'>,
    private readonly members: Members,
  ) {}

  /**
   * Answers `ctx` with the answer of `origin`. The token is verified here, and does not travel on.
   * Throws `peer_unavailable` if `origin` is unreachable, and what `Members` throws.
   */
  async forward(ctx: Context, origin: string): Promise<void> {
    const member = memberHeader(await this.members.memberOf(ctx));
    const hasBody = ctx.method !== 'GET' && ctx.method !== 'HEAD';
    const body = hasBody ? await readText(ctx.req) : '';
    const headers = picked(ctx.headers, REQUEST_HEADERS);
    // Only the path: a request line may name another host.
    const call = { method: ctx.method as 'GET', path: `${ctx.path}${ctx.search}`, headers, body };
    const answer = await this.client.call(origin, { ...call, member, timeoutMs: FORWARD_MS });
    ctx.status = answer.status;
    // As in the process that refused: without a token, the client was given an id here.
    if (answer.status === 401) ctx.remove('Set-Cookie');
    if (ctx.method !== 'HEAD') ctx.body = answer.body;
    ctx.set(picked(answer.headers, ANSWER_HEADERS));
  }
}

function picked(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const found = names.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []));
  return Object.fromEntries(found);
}
