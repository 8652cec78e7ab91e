const OFFLINE_MS = 30_000;

/**
 * Waits for a time, or until `signal` is aborted or the network comes back. While there is none it
 * waits for that, but not for ever: a browser can be wrong.
 */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : navigator.onLine ? ms : OFFLINE_MS);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
