import type { Context, Middleware } from 'koa';
import { asLikestreamError, LikestreamError, RETRY_AFTER_S } from '../schemas/errors';

/** Turns what is thrown, and what nobody answered, into `application/problem+json`. */
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
  // Read and thrown away, until the server's time for a request is over: the client may be writing
  // still, and the answer has to reach it.
  if (error.status === 413) ctx.req.resume();
  if (error.retriable) ctx.set('Retry-After', String(RETRY_AFTER_S));
}

// Errors of the router and of koa-static, for paths that lead nowhere.
function isClientFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof LikestreamError) return false;
  const status = 'status' in thrown ? Number(thrown.status) : 500;
  return status >= 400 && status < 500;
}
