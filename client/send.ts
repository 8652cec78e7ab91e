import { createTries, type Server } from './server';
import type { Answer } from './types';
import { wait } from './wait';

const ANSWER_MS = 20_000;

/** Sends a request, and repeats it while the server or the network fails. */
export type Send = (method: string, path: string, body?: object, tries?: number) => Promise<Answer>;

/** No answer. */
export const NONE: Answer = { status: 0, isOk: false };

export function createSend(server: Server, closed: AbortSignal): Send {
  return async (method, path, body, mostTries) => {
    const tries = createTries(server);
    let answer = NONE;
    for (let failures = 0; !closed.aborted; ) {
      answer = NONE;
      let requestedMs = 0;
      try {
        const response = await tries.fetch(path, {
          method,
          body: JSON.stringify(body) ?? null,
          signal: AbortSignal.timeout(ANSWER_MS),
          // The last tap is sent even if the tab is closed right after it.
          keepalive: true,
        });
        const { headers, ok: isOk, status } = response;
        requestedMs = Number(headers.get('Retry-After')) * 1000;
        // A proxy's error may have any body.
        answer = { status, isOk, body: await response.json().catch(() => undefined) };
      } catch {
        // No token, no network, no answer: as if nothing had been sent.
      }
      const ms = answer.isOk ? undefined : tries.delayMs(answer.status, '', requestedMs);
      if (ms === undefined || (ms && ++failures === mostTries)) return answer;
      await wait(ms, closed);
    }
    return answer;
  };
}
