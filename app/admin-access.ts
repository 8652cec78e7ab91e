import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
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

/** Throws `unauthorized` for a caller that may not use the admin calls. */
export function requireAdmin({ isOpenOnLoopback, secret }: AdminAccess): Middleware {
  return async (ctx, next) => {
    if (secret === undefined) {
      if (!isOpenOnLoopback) throw new LikestreamError('unauthorized', 'set ADMIN_SECRET');
      requireLoopback(ctx);
    } else if (!isSecret(ctx, secret)) {
      throw new LikestreamError('unauthorized', 'send ADMIN_SECRET as the Bearer token');
    }
    await next();
  };
}

// A page in a browser on this machine reaches loopback, too: such requests have an origin, or the
// host name of the page if its name was resolved to loopback.
function requireLoopback(ctx: Context): void {
  const isLocal =
    LOOPBACK_ADDRESS.test(ctx.req.socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(ctx.get('Host')) &&
    ctx.get('Origin') === '';
  if (isLocal) return;
  throw new LikestreamError('unauthorized', 'without ADMIN_SECRET only loopback may call');
}

function isSecret(ctx: Context, secret: string): boolean {
  const [, given = ''] = /^Bearer (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
