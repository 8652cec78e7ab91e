import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import {
  asLikestreamError,
  type ErrorCode,
  LikestreamError,
  RETRY_AFTER_S,
} from '../schemas/errors';

/** Answers thrown errors and unknown routes with `application/problem+json`. */
export function problems(report: (error: LikestreamError) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      answerThrown(ctx, thrown, report);
      return;
    }
    if (ctx.respond === false || ctx.body !== undefined) return;
    if (ctx.status === 404) answer(ctx, new LikestreamError('not_found'));
    if (ctx.status === 405 || ctx.status === 501)
      answer(ctx, new LikestreamError('method_not_allowed'));
  };
}

/** Sets the answer of a request whose handler has thrown. */
export function answerThrown(
  ctx: Context,
  thrown: unknown,
  report: (error: LikestreamError) => void,
): void {
  const error = isClientFault(thrown)
    ? new LikestreamError('not_found')
    : asLikestreamError(thrown, 'internal');
  if (error.status >= 500) report(error);
  answer(ctx, error);
}

/** Answers a request that reaches no app. */
export function sendProblem(
  response: ServerResponse,
  error: LikestreamError,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(error.status, {
    'Content-Type': 'application/problem+json',
    ...(error.retriable && { 'Retry-After': retryAfterS(error) }),
    ...headers,
  });
  response.end(JSON.stringify(error.toProblem()));
}

/** Returns a function that answers requests with the same error, at little cost. */
export function problemAnswer(
  code: ErrorCode,
): (response: ServerResponse, headers: readonly string[]) => void {
  const error = new LikestreamError(code);
  const body = JSON.stringify(error.toProblem());
  const own = ['Content-Type', 'application/problem+json'];
  own.push('Content-Length', String(Buffer.byteLength(body)));
  if (error.retriable) own.push('Retry-After', String(retryAfterS(error)));
  return (response, headers) => response.writeHead(error.status, [...headers, ...own]).end(body);
}

function answer({ response }: Context, error: LikestreamError): void {
  response.status = error.status;
  response.body = JSON.stringify(error.toProblem());
  response.type = 'application/problem+json';
  if (error.status === 413) response.set('Connection', 'close');
  if (error.retriable) response.set('Retry-After', String(retryAfterS(error)));
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
