import type { TokenSource } from './types';

const MS_PER_S = 1000;

/** `setTimeout` takes no longer time. */
const LONGEST_MS = 2 ** 31 - 1;

const ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** The token of a connection. */
export interface Tokens {
  /** Whether a new one can be had after a refusal. */
  readonly canRenew: boolean;
  /**
   * The token; the same one until it has ended.
   * @param refused the token that the server has refused, or whose end is near: another one is
   *   fetched unless that has happened meanwhile
   */
  get(refused?: string): Promise<string | undefined>;
  /** The time after which it should be renewed, in ms from now. */
  renewMs(): number;
}

/** What a token says; empty if it cannot be read. */
export function claimsOf(token = ''): { sub?: unknown; exp?: unknown; iat?: unknown } {
  try {
    return JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return {};
  }
}

/**
 * The member that a token names. A server derives another id from a `sub` that is no id; a page
 * learns that one from the answers to what it sends.
 */
export function memberIn(token: string | undefined): string | undefined {
  const member = String(claimsOf(token).sub);
  return member !== 'undefined' && ID.test(member) ? member : undefined;
}

/**
 * How long a token just fetched lives, in ms. The clock of this device may be wrong, so it only
 * shortens what the token says itself.
 */
function lifeOf(token: string | undefined): number {
  const { exp, iat } = claimsOf(token);
  if (typeof exp !== 'number') return LONGEST_MS;
  const left = exp - Date.now() / MS_PER_S;
  const life = typeof iat === 'number' ? exp - iat : left;
  return MS_PER_S * Math.max(Math.min(left, life), life / 10);
}

export function createTokens(source: TokenSource | undefined): Tokens {
  let token: string | undefined;
  let asked: Promise<string | undefined> | undefined;
  let renewAt = 0;

  async function ask(): Promise<string | undefined> {
    token = typeof source === 'function' ? await source() : source;
    // A part of the life is left for tries; it is spread, so that pages do not renew together.
    const life = lifeOf(token) * (0.7 + Math.random() / 5);
    renewAt = performance.now() + Math.min(life, LONGEST_MS);
    return token;
  }

  return {
    canRenew: typeof source === 'function',
    get(refused) {
      const isRefused = refused !== undefined && refused === (token ?? '');
      if (isRefused && typeof source === 'function') asked = undefined;
      asked ??= ask().catch((error) => {
        asked = undefined;
        throw error;
      });
      return asked;
    },
    renewMs: () => renewAt - performance.now(),
  };
}
