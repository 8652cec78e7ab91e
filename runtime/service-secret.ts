import { createHash, timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import { LikestreamError } from '../schemas/errors';

/** The header for the services' shared secret; `Authorization` carries the member's token. */
export const SECRET_HEADER = 'x-service-secret';

/** Throws `unauthorized` for calls without the shared secret. */
export function requireSecret(secret: string): Middleware {
  const expected = digest(secret);
  return async (ctx, next) => {
    if (!timingSafeEqual(digest(ctx.get(SECRET_HEADER)), expected)) {
      throw new LikestreamError('unauthorized', 'the shared secret is missing or wrong');
    }
    await next();
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
