import type { Context, Middleware } from 'koa';
import { asLikestreamError, LikestreamError, RETRY_AFTER_S } from '../schemas/errors';

/** Answers thrown errors and unknown routes with `application/problem+json`. */
export function problems(report: (error: LikestreamError) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = isClientFault(thrown)
        ? new LikestreamError('not_found')
        : asLikestreamError(thrown, 'internal');
      if (error.status >= 500) report(error);
      answer(ctx, error);
      return;
    }
    if (ctx.respond === false || ctx.body !== undefined) return;
    if (ctx.status === 404) answer(ctx, new LikestreamError('not_found'));
    if (ctx.status === 405 || ctx.status === 501)
      answer(ctx, new LikestreamError('method_not_allowed'));
  };
}

function answer(ctx: Context, error: LikestreamError): void {
  ctx.status = error.status;
  ctx.body = JSON.stringify(error.toProblem());
  ctx.type = 'application/problem+json';
  // Reads and discards the rest of the body, within the server's time-out for a request: a client
  // that still writes would otherwise not receive the answer.
  if (error.status === 413) ctx.req.resume();
  if (error.retriable) ctx.set('Retry-After', String(retryAfterS(error)));
}

/** In whole seconds, so that a client which waits this long is not too early. */
function retryAfterS({ retryAfterMs }: LikestreamError): number {
  return retryAfterMs === undefined ? RETRY_AFTER_S : Math.max(1, Math.ceil(retryAfterMs / 1_000));
}

// The router and koa-static throw errors with these statuses for invalid paths.
function isClientFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof LikestreamError) return false;
  const status = 'status' in thrown ? Number(thrown.status) : 500;
  return status >= 400 && status < 500;
}
