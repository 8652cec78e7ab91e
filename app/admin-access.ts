import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Clock } from '../runtime/clock';
import { Allowances } from '../runtime/limits/allowances';
import { LikestreamError } from '../schemas/errors';

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Which callers may use the admin calls. */
export interface AdminAccess {
  /** The secret that a caller sends as a Bearer token. */
  readonly secret: string | undefined;
  /** Whether any caller on loopback may call if there is no secret. */
  readonly isOpenOnLoopback: boolean;
}

/** Refused calls of an address: further ones are not even compared with the secret. */
const REFUSALS = { perS: 1, burst: 20 };

/**
 * Throws `unauthorized` for a caller that may not use the admin calls, and `too_many_requests` for
 * any caller at an address from which too many were refused. `refused` is called before: who
 * guesses secrets shall be seen.
 */
export function requireAdmin(
  access: AdminAccess,
  clock: Pick<Clock, 'monotonic'>,
  refused: (ctx: Context) => void,
): Middleware {
  const guesses = new Allowances({ ...REFUSALS, clock });
  return async (ctx, next) => {
    const retryAfterMs = guesses.waitOf(ctx.ip);
    if (retryAfterMs > 0) {
      refused(ctx);
      throw new LikestreamError('too_many_requests', 'refused calls', { retryAfterMs });
    }
    const why = refusalOf(access, ctx);
    if (why !== undefined) {
      guesses.take(ctx.ip);
      refused(ctx);
      ctx.set('WWW-Authenticate', 'Bearer');
      throw new LikestreamError('unauthorized', why);
    }
    await next();
  };
}

/** Why a caller is refused; undefined if it is not. */
function refusalOf({ isOpenOnLoopback, secret }: AdminAccess, ctx: Context): string | undefined {
  if (secret !== undefined) {
    return isSecret(ctx, secret) ? undefined : 'send ADMIN_SECRET as the Bearer token';
  }
  if (!isOpenOnLoopback) return 'set ADMIN_SECRET';
  return isLoopback(ctx) ? undefined : 'without ADMIN_SECRET only loopback may call';
}

// A page in a browser on this machine reaches loopback, too: such requests have an origin, or the
// host name of the page if its name was resolved to loopback.
function isLoopback(ctx: Context): boolean {
  return (
    LOOPBACK_ADDRESS.test(ctx.req.socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(ctx.get('Host')) &&
    ctx.get('Origin') === ''
  );
}

function isSecret(ctx: Context, secret: string): boolean {
  const [, given = ''] = /^Bearer (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
