import type { Context, Middleware } from 'koa';
import { LikestreamError } from '../../schemas/errors';
import { MAX_INTERNAL_BODY_BYTES, readText } from '../body';
import { keepBody } from '../kept-bodies';
import type { ServiceIdentity } from './service-identity';
import {
  ANSWER_HEADER,
  CALL_HEADER,
  MEMBER_HEADER,
  REFUSAL_HEADER,
  verifiedCall,
} from './signed-call';

/** The codes of the calls that were verified, by request. */
const verified = new WeakMap<object, string>();

/** Signs the answers to verified calls; it must be the outermost middleware. */
export function signAnswers({ keys }: Pick<ServiceIdentity, 'keys'>): Middleware {
  return async (ctx, next) => {
    await next();
    const code = verified.get(ctx.req);
    if (code === undefined) return;
    // An answer to HEAD has no body.
    const body = ctx.method === 'HEAD' ? '' : encodedBody(ctx);
    ctx.set(ANSWER_HEADER, keys.sign('answer', [code, ctx.status], body));
  };
}

/**
 * Lets only signed calls through that were made for this process and not before. Throws
 * `unauthorized`; if only the boot id or the number is wrong, the answer names the right boot id,
 * and the caller makes the call once again.
 */
export function verifyCalls(identity: ServiceIdentity): Middleware {
  return async (ctx, next) => {
    const body = await readText(ctx.req, MAX_INTERNAL_BODY_BYTES);
    keepBody(ctx.req, body);
    const request = { method: ctx.method, path: ctx.url, member: ctx.get(MEMBER_HEADER) };
    const call = verifiedCall(identity.keys, ctx.get(CALL_HEADER), request, body);
    if (call.receiver !== identity.bootId || !identity.use(call.sender, call.number)) {
      const right = identity.bootId;
      const code = identity.keys.sign('refusal', [call.code, right]);
      ctx.set(REFUSAL_HEADER, `${right} ${code}`);
      throw new LikestreamError('unauthorized', 'the call is not for this process, or was made');
    }
    verified.set(ctx.req, call.code);
    await next();
  };
}

/** The body as it is sent; an object becomes its JSON, so that it is encoded once. */
function encodedBody(ctx: Context): string | Buffer {
  const { body } = ctx;
  if (body === null || body === undefined) return '';
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body;
  const { type } = ctx;
  ctx.body = JSON.stringify(body);
  ctx.type = type || 'application/json';
  return ctx.body as string;
}
