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
  /** The time after which it should be renewed, in ms from now. */
  renewMs(): number;
}

/** What a token says; empty if it cannot be read. */
function claimsOf(token = ''): { sub?: unknown; exp?: number; iat?: number } {
  try {
    return JSON.parse(atob(token.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/') ?? ''));
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
 * How long a token lives that was fetched now, in ms. The clock of this device may be wrong, so it
 * can only shorten what the token says itself.
 */
function lifeOf(token: string | undefined): number {
  const { exp, iat } = claimsOf(token);
  if (!exp) return LONGEST_MS;
  const left = exp - Date.now() / 1000;
  const life = iat ? exp - iat : left;
  return 1000 * Math.max(Math.min(left, life), life / 10);
}

export function createTokens(source: TokenSource | undefined): Tokens {
  const canRenew = typeof source === 'function';
  let token: string | undefined;
  let asked: Promise<string | undefined> | undefined;
  let renewAt = 0;

  async function ask(): Promise<string | undefined> {
    try {
      token = canRenew ? await source() : source;
    } catch (error) {
      asked = undefined;
      throw error;
    }
    // The rest is for further tries. Spread, so that pages do not renew together.
    renewAt = performance.now() + lifeOf(token) * (0.7 + Math.random() / 5);
    return token;
  }

  return {
    canRenew,
    get(refused) {
      if (canRenew && refused === (token ?? '')) asked = undefined;
      asked ??= ask();
      return asked;
    },
    renewMs: () => Math.min(renewAt - performance.now(), LONGEST_MS),
  };
}
