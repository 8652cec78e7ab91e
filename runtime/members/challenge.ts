import type { Context } from 'koa';
import { LikestreamError } from '../../schemas/errors';
import type { Member } from './member';
import { REASONS, type ReportRefusal } from './refusal';

/** The value of `WWW-Authenticate` (RFC 6750, section 3); `why` only if a token was given. */
export function challenge(why: string | undefined): string {
  return why === undefined ? 'Bearer' : `Bearer error="invalid_token", error_description="${why}"`;
}

/** Names what a request's refusals are reported to, also those of its route. */
export function reportRefusalsOf(ctx: Context, refused: ReportRefusal): void {
  ctx.state.refused = refused;
}

/**
 * Throws `forbidden` unless the member has the right to do something. An anonymous one is asked for
 * a token instead: throws `unauthorized`, which is reported.
 */
export function requireRight(
  ctx: Context,
  { address, isAnonymous }: Member,
  isGranted: boolean,
  what: string,
): void {
  if (isGranted) return;
  if (!isAnonymous) throw new LikestreamError('forbidden', `the token does not grant to ${what}`);
  const refused: ReportRefusal | undefined = ctx.state.refused;
  refused?.('missing', address ?? ctx.ip);
  ctx.set('WWW-Authenticate', challenge(undefined));
  // A refused client needs no id.
  ctx.remove('Set-Cookie');
  throw new LikestreamError('unauthorized', REASONS.missing);
}
