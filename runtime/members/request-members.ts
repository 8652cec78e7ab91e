import type { Context } from 'koa';
import { LikestreamError } from '../../schemas/errors';
import type { ClaimedRights } from '../../schemas/rights';
import type { Clock } from '../clock';
import type { AnonymousIds } from './anonymous-ids';
import type { BadTokens } from './bad-tokens';
import { challenge, reportRefusalsOf } from './challenge';
import type { Cookies } from './cookies';
import type { Member } from './member';
import type { CookieMembers } from './members';
import { REASONS, type Refusal, type ReportRefusal } from './refusal';
import type { TokenVerifier } from './token-verifier';

const SESSION_COOKIE = 'likestream_session';

/** Browsers store no larger cookie; the name and the attributes count, too. */
const MAX_TOKEN_CHARACTERS = 3_900;

/** A stream with an expired token comes back after the time since then, within these bounds. */
const MIN_WAIT_MS = 2_000;
const MAX_WAIT_MS = 600_000;

export interface RequestMembersOptions {
  /** Verifies tokens; undefined if no key is configured: then all members are anonymous. */
  readonly verifier: TokenVerifier | undefined;
  /** The members without a token, and their rights; undefined if a token is needed. */
  readonly anonymous:
    | { readonly ids: Pick<AnonymousIds, 'idIn' | 'make'>; readonly rights: ClaimedRights }
    | undefined;
  readonly cookies: Pick<Cookies, 'set'>;
  readonly clock: Clock;
  /** The client's address; members have none if not given. */
  readonly addressOf?: (ctx: Context) => string | undefined;
  /** Bounds the tokens of an address that are refused; nothing does if not given. */
  readonly badTokens?: BadTokens | undefined;
  /** Reports each refusal. */
  readonly refused: ReportRefusal;
}

/** Members by a token, in `Authorization`, a cookie or the query; and anonymous ones. */
export class RequestMembers implements CookieMembers {
  constructor(private readonly options: RequestMembersOptions) {}

  async memberOf(ctx: Context, at?: 'stream'): Promise<Member> {
    const { verifier } = this.options;
    const token = verifier && (bearerIn(ctx) ?? (at && queryTokenIn(ctx)) ?? sessionIn(ctx));
    if (verifier && token !== undefined) return this.verified(ctx, verifier, token);
    // A forwarded request is read twice, and has one id.
    const known: Member | undefined = ctx.state.anonymous;
    const member = known ?? this.anonymousMember(ctx, at === 'stream' || !isRead(ctx));
    ctx.state.anonymous = member;
    reportRefusalsOf(ctx, this.options.refused);
    return member;
  }

  async startSession(ctx: Context): Promise<void> {
    const { clock, cookies, verifier } = this.options;
    const token = bearerIn(ctx);
    if (!verifier || token === undefined) return this.refuse(ctx, { reason: 'missing' });
    const { expiresAt } = await this.verified(ctx, verifier, token);
    if (token.length > MAX_TOKEN_CHARACTERS) {
      const most = `a token in a cookie has at most ${MAX_TOKEN_CHARACTERS} characters`;
      throw new LikestreamError('headers_too_large', most);
    }
    const leftS = expiresAt && Math.max(1, Math.ceil((expiresAt - clock.now()) / 1_000));
    cookies.set(ctx, SESSION_COOKIE, token, leftS);
  }

  endSession(ctx: Context): void {
    this.options.cookies.set(ctx, SESSION_COOKIE, '', 0);
  }

  private async verified(ctx: Context, verifier: TokenVerifier, token: string): Promise<Member> {
    const { addressOf, badTokens } = this.options;
    const address = addressOf?.(ctx);
    const verify = (beforeNew?: () => void) => verifier.verify(token, beforeNew);
    const found = await (badTokens && address ? badTokens.verify(address, verify) : verify());
    if (!('id' in found)) return this.refuse(ctx, found);
    return { ...found, address };
  }

  private anonymousMember(ctx: Context, setsCookie: boolean): Member {
    const { anonymous } = this.options;
    if (!anonymous) return this.refuse(ctx, { reason: 'missing' });
    const { ids, rights } = anonymous;
    const known = ids.idIn(ctx);
    const id = known ?? ids.make(ctx, setsCookie);
    const address = this.options.addressOf?.(ctx);
    return { id, rights, address, isAnonymous: true, isNew: known === undefined };
  }

  private refuse(ctx: Context, { expiredMs, reason }: Refusal): never {
    this.options.refused(reason, this.options.addressOf?.(ctx) ?? ctx.ip);
    const text = REASONS[reason];
    ctx.set('WWW-Authenticate', challenge(reason === 'missing' ? undefined : text));
    const code = reason === 'expired' ? 'token_expired' : 'unauthorized';
    const waitMs = expiredMs && Math.min(Math.max(expiredMs, MIN_WAIT_MS), MAX_WAIT_MS);
    throw new LikestreamError(code, text, { retryAfterMs: waitMs });
  }
}

function isRead({ method }: Context): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The token of the header; the empty text, which is no token, if it only names the scheme. */
function bearerIn(ctx: Context): string | undefined {
  return /^Bearer(?: +|$)(.*)$/i.exec(ctx.get('Authorization'))?.[1];
}

/** The token of the query; the empty text, which is no token, if it has several. */
function queryTokenIn({ query }: Context): string | undefined {
  const { access_token: token } = query;
  return Array.isArray(token) ? '' : token;
}

function sessionIn(ctx: Context): string | undefined {
  return ctx.cookies.get(SESSION_COOKIE) || undefined;
}
