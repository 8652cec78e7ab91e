import type { Addresses } from './addresses';
import { delayMs } from './backoff';
import type { Tokens } from './tokens';
import type { Answer } from './types';
import { wait } from './wait';

const ANSWER_MS = 20_000;

/** Sends a request, and repeats it while the server or the network fails. */
export type Send = (method: string, path: string, body?: object, tries?: number) => Promise<Answer>;

/** No answer. */
export const NONE: Answer = { status: 0, isOk: false };

/** Whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** The headers of a request with this token. */
export function headersOf(token: string | undefined): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

interface Tried extends Answer {
  readonly requestedMs?: number;
}

async function attempt(method: string, url: string, token?: string, body?: object): Promise<Tried> {
  const response = await fetch(url, {
    method,
    // The last tap is sent even if the tab is closed right after it.
    ...{ keepalive: true, credentials: 'include', signal: AbortSignal.timeout(ANSWER_MS) },
    headers: { ...headersOf(token), ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { headers, ok, status } = response;
  const isJson = headers.get('Content-Type')?.includes('json');
  return {
    ...{ status, isOk: ok, requestedMs: Number(headers.get('Retry-After')) * 1000 },
    ...(isJson && { body: await response.json() }),
  };
}

export function createSend(addresses: Addresses, tokens: Tokens, closed: AbortSignal): Send {
  return async (method, path, body, tries = Number.POSITIVE_INFINITY) => {
    let refused: string | undefined;
    for (let failures = 1; ; failures++) {
      const address = addresses.current();
      let token: string | undefined;
      let tried: Tried = NONE;
      try {
        token = await tokens.get(refused);
        tried = await attempt(method, address + path, token, body);
      } catch {
        // No network, no answer, no token: as if nothing had been sent.
      }
      const { requestedMs, ...answer } = tried;
      if (closed.aborted) return answer;
      if (answer.status === 401 && tokens.canRenew && refused === undefined) {
        refused = token ?? '';
        continue;
      }
      if (!isTemporary(answer.status) || failures >= tries) return answer;
      if (answer.status === 0 || answer.status >= 500) addresses.failed(address);
      await wait(delayMs(failures, Math.random(), requestedMs), closed);
    }
  };
}
