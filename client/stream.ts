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
 * Reads a stream until it ends; rejects if the network fails, or if nothing came for too long.
 * `EventSource` would hide the status, take no `Authorization`, and give up after a 502.
 */
export async function readStream(
  asked: Promise<Response>,
  cut: AbortController,
  end: End,
  read: (block: Block) => void,
): Promise<void> {
  const heard = createSilence(() => cut.abort(), cut.signal);
  const response = await asked;
  const { body, status } = response;
  end.status = status;
  if (status !== 200 || !body) {
    end.code = (await response.json())?.code;
    return;
  }
  const parse = createParser(read);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    parse(value);
  }
}
