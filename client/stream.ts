import { createSilence } from './silence';
import { type Block, createParser } from './sse';

/** How a stream ended: the status of the answer, and the code of a problem. */
export interface End {
  readonly status: number;
  readonly code?: string | undefined;
}

/**
 * Opens a stream and reads it until it ends; rejects if the network fails, or if nothing came for
 * too long. `EventSource` would hide the status, take no `Authorization`, and give up after a 502.
 */
export async function readStream(
  url: string,
  init: RequestInit,
  cut: AbortController,
  read: (block: Block) => void,
): Promise<End> {
  const heard = createSilence(() => cut.abort(), cut.signal);
  const response = await fetch(url, init);
  const { body, status } = response;
  if (status !== 200 || !body) {
    const problem = await response.json().catch(() => undefined);
    return { status, code: problem?.code };
  }
  const parse = createParser(read);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { status };
    heard();
    parse(decoder.decode(value, { stream: true }));
  }
}
