import { delayMs } from './backoff';
import type { Tokens } from './tokens';
import type { Answer } from './types';
import { wait } from './wait';

const ANSWER_MS = 20_000;

/** Sends a request, and repeats it while the server or the network fails. */
export type Send = (method: string, path: string, body?: object, tries?: number) => Promise<Answer>;

/** No answer. */
export const NONE: Answer = { status: 0, isOk: false };

/** The addresses of the server. The first one is used until it fails; then it is the last. */
export type Addresses = string[];

/** An address has failed; several requests may fail at once. */
export function fail(addresses: Addresses, address: string): void {
  if (addresses[0] === address) addresses.push(...addresses.splice(0, 1));
}

/** Whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return !status || status === 408 || status === 429 || status > 499;
}

/** What all requests with this token have in common. */
export function initOf(token: string | undefined, signal: AbortSignal, lastId = ''): RequestInit {
  const headers = {
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(lastId && { 'Last-Event-ID': lastId }),
  };
  return { headers, signal, credentials: 'include' };
}

export function createSend(addresses: Addresses, tokens: Tokens, closed: AbortSignal): Send {
  return async (method, path, body, tries = Number.POSITIVE_INFINITY) => {
    let refused: string | undefined;
    for (let failures = 1; ; failures++) {
      const [address = ''] = addresses;
      let token: string | undefined;
      let answer = NONE;
      let retryMs = 0;
      try {
        token = await tokens.get(refused);
        if (closed.aborted) return answer;
        const response = await fetch(address + path, {
          ...initOf(token, AbortSignal.timeout(ANSWER_MS)),
          ...{ method, body: JSON.stringify(body) ?? null },
          // The last tap is sent even if the tab is closed right after it.
          keepalive: true,
        });
        const { headers, ok: isOk, status } = response;
        retryMs = Number(headers.get('Retry-After')) * 1000;
        // A proxy's error may have any body.
        answer = { status, isOk, body: await response.json().catch(() => undefined) };
      } catch {
        // No token, no network, no answer: as if nothing had been sent.
      }
      if (answer.status === 401 && tokens.canRenew && refused === undefined) {
        refused = token ?? '';
        continue;
      }
      if (!isTemporary(answer.status) || failures >= tries) return answer;
      fail(addresses, address);
      await wait(delayMs(failures, Math.random(), retryMs), closed);
    }
  };
}
