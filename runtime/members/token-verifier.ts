import { createHash, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { ClaimedRights, MEMBER_RIGHTS, rightsClaim } from '../../schemas/rights';
import { BoundedMap } from '../bounded-map';
import type { Clock } from '../clock';
import { LEEWAY_MS, type Member } from './member';
import { memberIdOf } from './member-id';
import type { Reason, Refusal } from './refusal';
import type { TokenHeader, TokenKeys } from './token-keys';

/** Verified tokens kept, at about 500 bytes each. */
const MAX_TOKENS = 20_000;

/** Tokens with longer rights (characters of JSON) are verified each time: they need more memory. */
const MAX_KEPT_RIGHTS = 512;

const MS_PER_S = 1_000;

/** The range of dates, ms: times beyond it cannot be passed on in JSON. */
const MAX_TIME_MS = 8.64e15;

/** The claim with the rights. */
const RIGHTS_CLAIM = 'likestream';

export interface TokenOptions {
  readonly keys: TokenKeys;
  /** The claim that names the member. */
  readonly memberClaim: string;
  readonly issuers?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
  readonly requiresExpiry: boolean;
  readonly clock: Clock;
}

interface VerifiedToken {
  readonly member: Member;
  readonly keysVersion: number;
}

/** Verifies JSON Web Tokens (RFC 7519), and remembers those that it has verified. */
export class TokenVerifier {
  /** By the hash of the token, so that no token is kept. */
  private readonly verified = new BoundedMap<string, VerifiedToken>(MAX_TOKENS);

  constructor(private readonly options: TokenOptions) {}

  /**
   * The member of a token, or why it is refused. Rejects with `keys_unavailable`, and with what
   * `beforeNew` throws: it is called for a token that is not remembered, before it is verified.
   */
  async verify(token: string, beforeNew?: () => void): Promise<Member | Refusal> {
    const { clock, keys } = this.options;
    // Also for a known token: its key may have been withdrawn.
    keys.keepFresh();
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(hash);
    if (known?.keysVersion === keys.version && !isOver(known.member, clock.now())) {
      return known.member;
    }
    beforeNew?.();
    const found = await this.verifyNew(token, hash);
    if (!('id' in found)) this.verified.delete(hash);
    return found;
  }

  private async verifyNew(token: string, hash: string): Promise<Member | Refusal> {
    const { keys } = this.options;
    const header = headerOf(token);
    if (!header) return { reason: 'malformed' };
    let keysVersion = keys.version;
    let found = await this.tryKeys(token, header, keys.candidates(header));
    if ('reason' in found && found.reason === 'wrong_key') await keys.reread();
    if (!('id' in found) && keys.version !== keysVersion) {
      keysVersion = keys.version;
      found = await this.tryKeys(token, header, keys.candidates(header));
    }
    if ('id' in found && isSmall(found)) this.verified.set(hash, { member: found, keysVersion });
    return found;
  }

  private async tryKeys(
    token: string,
    { alg }: TokenHeader,
    keys: readonly KeyObject[],
  ): Promise<Member | Refusal> {
    const { audiences, clock, issuers, requiresExpiry } = this.options;
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [alg],
          clockTolerance: LEEWAY_MS / MS_PER_S,
          currentDate: new Date(clock.now()),
          ...(issuers && { issuer: [...issuers] }),
          ...(audiences && { audience: [...audiences] }),
          requiredClaims: requiresExpiry ? ['exp'] : [],
        });
        return this.memberOf(payload);
      } catch (error) {
        const refusal = refusalOf(error, clock.now());
        if (refusal.reason !== 'wrong_key') return refusal;
      }
    }
    return { reason: 'wrong_key' };
  }

  private memberOf(payload: JWTPayload): Member | Refusal {
    const id = memberIdOf(payload[this.options.memberClaim]);
    if (id === undefined) return { reason: 'no_member' };
    const { exp, iat } = payload;
    const claim = payload[RIGHTS_CLAIM];
    const granted = claim === undefined ? undefined : rightsClaim.safeParse(claim);
    if (granted && !granted.success) return { reason: 'malformed_rights' };
    return {
      id,
      rights: granted ? new ClaimedRights(granted.data) : MEMBER_RIGHTS,
      expiresAt: exp === undefined ? undefined : timeOf(exp),
      issuedAt: iat === undefined ? undefined : timeOf(iat),
      isAnonymous: false,
    };
  }
}

/** Seconds of a token as ms. */
function timeOf(seconds: number): number {
  return Math.min(Math.max(seconds * MS_PER_S, -MAX_TIME_MS), MAX_TIME_MS);
}

/** The header of a token; undefined if it is no compact JWS. */
function headerOf(token: string): TokenHeader | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    const isKid = kid === undefined || typeof kid === 'string';
    return typeof alg === 'string' && isKid ? { alg, kid } : undefined;
  } catch {
    return undefined;
  }
}

function isSmall({ rights }: Member): boolean {
  return JSON.stringify(rights.claim).length <= MAX_KEPT_RIGHTS;
}

function isOver({ expiresAt }: Member, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt + LEEWAY_MS;
}

function refusalOf(error: unknown, now: number): Refusal {
  if (error instanceof errors.JWTExpired) {
    return { reason: 'expired', expiredMs: now - Number(error.payload.exp) * MS_PER_S };
  }
  if (error instanceof errors.JWTClaimValidationFailed) return { reason: claimReason(error) };
  // A TypeError: the key cannot be used with the algorithm.
  const isKey =
    error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError;
  return { reason: isKey ? 'wrong_key' : 'malformed' };
}

const CLAIM_REASONS: Readonly<Record<string, Reason>> = {
  iss: 'wrong_issuer',
  aud: 'wrong_audience',
};

function claimReason({ claim, reason }: errors.JWTClaimValidationFailed): Reason {
  if (claim === 'nbf' && reason === 'check_failed') return 'not_yet_valid';
  if (claim === 'exp' && reason === 'missing') return 'no_expiry';
  return CLAIM_REASONS[claim] ?? 'malformed';
}
