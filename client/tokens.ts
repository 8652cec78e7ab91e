import type { TokenSource } from './types';

/** `setTimeout` takes no longer time. */
const LONGEST_MS = 2 ** 31 - 1;

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
function claimsOf(token = ''): { sub?: unknown; exp?: number; iat?: number } {
  try {
    return JSON.parse(
      atob(
        token
          .replace(/^.*?\.|\..*/g, '')
          .replace(/-/g, '+')
          .replace(/_/g, '/'),
      ),
    );
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
 * The time after which a token that was fetched now should be renewed, in ms: spread, so that pages
 * do not renew together, and with a rest for further tries. The clock of this device may be wrong.
 * @param random a number from 0 to 1
 */
export function renewalMs(token: string | undefined, random: number): number {
  const { exp, iat = Date.now() / 1000 } = claimsOf(token);
  return exp ? (exp - iat) * (600 + random * 200) : LONGEST_MS;
}

export function createTokens(source: TokenSource | undefined): Tokens {
  const canRenew = typeof source === 'function';
  let token: string | undefined;
  let asked: Promise<string | undefined> | undefined;

  const ask = async () => {
    try {
      token = canRenew ? await source() : source;
    } catch (error) {
      asked = undefined;
      throw error;
    }
    return token;
  };

  return {
    canRenew,
    get(refused) {
      if (canRenew && refused === (token ?? '')) asked = undefined;
      asked ??= ask();
      return asked;
    },
  };
}
