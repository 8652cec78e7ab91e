const OFFLINE_MS = 30_000;

/**
 * Waits for a time, or until `signal` is aborted or the network comes back. While there is none it
 * waits for that, but not for ever: a browser can be wrong.
 */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      done.abort();
      resolve();
    };
    const timer = setTimeout(end, navigator.onLine ? ms : Math.max(ms, OFFLINE_MS));
    addEventListener('online', end, { signal: done.signal });
    signal.addEventListener('abort', end, { signal: done.signal });
    if (signal.aborted) end();
  });
}
