/** Waits for a time, or until `signal` is aborted or the network comes back. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await new Promise((resolve) => {
    setTimeout(resolve, signal.aborted ? 0 : ms);
    addEventListener('online', resolve, over);
    signal.addEventListener('abort', resolve, over);
  });
  over.abort();
}
