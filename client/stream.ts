import { type Block, createParser } from './sse';
import { createWatchdog } from './watchdog';

/**
 * Opens a stream and reads it until it ends; rejects if the network fails, or if nothing came for
 * too long. `EventSource` would hide the status, take no `Authorization`, and give up after a 502.
 * @returns the status of the answer, and the code of a problem
 */
export async function readStream(
  url: string,
  headers: Record<string, string>,
  cut: AbortController,
  read: (block: Block) => void,
): Promise<{ status: number; code?: string }> {
  const watchdog = createWatchdog(() => cut.abort());
  try {
    const response = await fetch(url, {
      ...{ headers, cache: 'no-store', credentials: 'include', signal: cut.signal },
    });
    const { body, status } = response;
    if (status !== 200 || !body) {
      const { code } = await response.json().catch(() => ({}));
      return { status, code };
    }
    const parse = createParser(read);
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { status };
      watchdog.heard();
      parse(value);
    }
  } finally {
    watchdog.end();
  }
}
