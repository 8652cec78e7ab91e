import { createSilence } from './silence';
import { type Block, createParser } from './sse';

/** How a stream ended. */
export interface End {
  /** The status of the answer; 0 without one. */
  status: number;
  /** The code of a problem, or the reason of a `bye`. */
  code?: string | undefined;
  /** When the server wants its client to come back. */
  retryMs: number;
}

/**
 * Opens a stream and reads it until it ends; rejects if the network fails, or if nothing came for
 * too long. `EventSource` would hide the status, take no `Authorization`, and give up after a 502.
 */
export async function readStream(
  url: string,
  init: RequestInit,
  cut: AbortController,
  end: End,
  read: (block: Block) => void,
): Promise<void> {
  const heard = createSilence(() => cut.abort(), cut.signal);
  const response = await fetch(url, init);
  const { body, status } = response;
  end.status = status;
  if (status !== 200 || !body) {
    end.code = (await response.json().catch(() => undefined))?.code;
    return;
  }
  const parse = createParser((block) => {
    if (block.retry) end.retryMs = Number(block.retry);
    if (block.event === 'bye') end.code = JSON.parse(block.data ?? '{}').reason;
    read(block);
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    parse(decoder.decode(value, { stream: true }));
  }
}
