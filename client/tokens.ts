import type { Claims } from './events';
import type { TokenSource } from './types';

/** `setTimeout` takes no longer time. */
const LONGEST_MS = 2 ** 31 - 1;
const LEAST_MS = 1000;

/** The token of a connection. */
export interface Tokens {
  /** Whether another one can be had after a refusal. */
  readonly canRenew: boolean;
  /**
   * The token; the same one until it was refused.
   * @param refused the token that the server has refused, or that ends soon: another one is fetched
   *   unless that has happened meanwhile
   */
  get(refused?: string): Promise<string | undefined>;
}

/** What a token says; empty if it cannot be read. */
export function claimsOf(token = ''): Claims {
  try {
    const [, claims = ''] = token.split('.');
    return JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return {};
  }
}

/**
 * The member that a token names. A server derives another id from a `sub` that is no id; a page
 * learns that one from the answers to what it sends.
 */
export function memberIn(token: string | undefined): string | undefined {
  return /^[\w.-]{1,64}$/.exec(`${claimsOf(token).sub ?? ''}`)?.[0];
}

/**
 * The time after which a token should be renewed, in ms: before the middle of the rest of its life,
 * as the server ends streams from nine tenths of the life on, and with a spread, so that pages do
 * not renew together. The token may be older than its use here, and the clock of this device wrong:
 * then the rest is at most the whole life, and counts as at least a tenth of it.
 * @param random a number from 0 to 1
 */
export function renewalMs(token: string | undefined, random: number): number {
  const now = Date.now() / 1000;
  const { exp = 0, iat = now } = claimsOf(token);
  const life = exp - iat;
  if (life <= 0) return LONGEST_MS;
  const rest = exp > now ? Math.min(Math.max(exp - now, life / 10), life) : life;
  return Math.min(Math.max(rest * (300 + random * 200), LEAST_MS), LONGEST_MS);
}

export function createTokens(source: TokenSource | undefined): Tokens {
  const canRenew = typeof source === 'function';
  let token: string | undefined;
  let asked: Promise<string | undefined> | undefined;

  const ask = async () => {
    token = canRenew ? await source() : source;
    return token;
  };

  return {
    canRenew,
    get(refused) {
      if (canRenew && refused === (token ?? '')) asked = undefined;
      asked ??= ask();
      asked.catch(() => {
        asked = undefined;
      });
      return asked;
    },
  };
}
