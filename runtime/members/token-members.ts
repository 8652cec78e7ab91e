import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Context } from 'koa';
import { LikestreamError } from '../../schemas/errors';
import { MEMBER_RIGHTS } from '../../schemas/rights';
import type { Entropy } from '../entropy';
import type { Member } from './member';
import type { Members } from './members';

const COOKIE = 'likestream_member';
const COOKIE_MS = 365 * 24 * 3_600_000;
const ANONYMOUS = /^anonymous-[0-9a-f]{32}$/;
const MAX_ID_LENGTH = 64;

export interface TokenSettings {
  readonly secret?: string | undefined;
  readonly jwksFile?: string | undefined;
  /** The claim that is the member's id. */
  readonly claim: string;
}

/** Members by JSON Web Token (RFC 7519): `Authorization: Bearer`, or `?access_token=`. */
export class TokenMembers implements Members {
  private readonly verify: (token: string) => Promise<JWTPayload>;

  constructor(private readonly settings: TokenSettings) {
    if (settings.jwksFile === undefined) {
      const key = createSecretKey(Buffer.from(settings.secret ?? ''));
      const options = { algorithms: ['HS256'] };
      this.verify = async (token) => (await jwtVerify(token, key, options)).payload;
    } else {
      const keys = createLocalJWKSet(JSON.parse(readFileSync(settings.jwksFile, 'utf8')));
      this.verify = async (token) => (await jwtVerify(token, keys)).payload;
    }
  }

  async memberOf(ctx: Context): Promise<Member> {
    const token = tokenOf(ctx);
    if (token === undefined) throw new LikestreamError('unauthorized', 'a token is needed');
    const claims = await this.verify(token).catch((cause: unknown) => {
      throw new LikestreamError('unauthorized', 'the token is not valid', { cause });
    });
    const { exp } = claims;
    const expiresAt = exp === undefined ? undefined : exp * 1_000;
    const id = memberId(claims[this.settings.claim]);
    return { id, rights: MEMBER_RIGHTS, expiresAt, isAnonymous: false };
  }
}

/** Anonymous members, with an id in a cookie: for the embedded mode without a key. */
export class AnonymousMembers implements Members {
  constructor(private readonly entropy: Entropy) {}

  async memberOf(ctx: Context): Promise<Member> {
    const kept = ctx.cookies.get(COOKIE);
    if (kept !== undefined && ANONYMOUS.test(kept)) return anonymous(kept);
    const made = `anonymous-${this.entropy.secretId()}`;
    ctx.cookies.set(COOKIE, made, { maxAge: COOKIE_MS, httpOnly: true, sameSite: 'lax' });
    return anonymous(made);
  }
}

function anonymous(id: string): Member {
  return { id, rights: MEMBER_RIGHTS, isAnonymous: true };
}

/**
 * Converts a claim to an id: characters outside `[A-Za-z0-9_.-]` become `_`, and the id is cut
 * after 64 characters. Throws `unauthorized` if the claim is not a string or is empty.
 */
export function memberId(claim: unknown): string {
  if (typeof claim !== 'string' || claim === '') {
    throw new LikestreamError('unauthorized', 'the token names no member');
  }
  return claim.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, MAX_ID_LENGTH);
}

function tokenOf(ctx: Context): string | undefined {
  const [, bearer] = /^Bearer (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  const { access_token: inQuery } = ctx.query;
  return bearer ?? (typeof inQuery === 'string' ? inQuery : undefined);
}
