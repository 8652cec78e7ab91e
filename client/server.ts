import { delayMs } from './backoff';
import type { Tokens } from './tokens';

/** The addresses of a server, and the token for it. */
export interface Server {
  /** The first one is used until it fails; then it is the last. */
  readonly addresses: string[];
  readonly tokens: Tokens;
}

/** The tries of one request, or of one stream after the other. */
export interface Tries {
  /** The token of the newest try. */
  token: string | undefined;
  fetch(path: string, init: RequestInit, lastId?: string): Promise<Response>;
  /**
   * The time until the next try, in ms; undefined if that would fail as well.
   * @param status the HTTP status; 0 if no answer came, 200 if a stream has ended
   * @param code the code of a problem, or the reason of an end
   */
  delayMs(status: number, code: unknown, requestedMs: number): number | undefined;
  /** The newest try was a success. */
  reset(): void;
}

export function createTries({ addresses, tokens }: Server): Tries {
  let address = '';
  let failures = 0;
  let refused: string | undefined;

  const tries: Tries = {
    token: undefined,
    async fetch(path, init, lastId) {
      [address = ''] = addresses;
      const token = await tokens.get(refused);
      tries.token = token;
      const headers = {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(lastId && { 'Last-Event-ID': lastId }),
      };
      return fetch(address + path, { ...init, headers, credentials: 'include' });
    },
    delayMs(status, code, requestedMs) {
      if (tokens.canRenew && refused === undefined) {
        if (status === 401 || code === 'token_expired') {
          refused = tries.token ?? '';
          return 0;
        }
      }
      refused = undefined;
      if (status > 200 && status < 500 && status !== 408 && status !== 429) return undefined;
      // Several requests may fail at once.
      if (status !== 200 && addresses[0] === address) addresses.push(...addresses.splice(0, 1));
      return delayMs(++failures, Math.random(), requestedMs);
    },
    reset() {
      failures = 0;
      refused = undefined;
    },
  };
  return tries;
}
