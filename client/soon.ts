const FRAME_MS = 16;

/** Returns a function that calls `run` once, after all calls within this time. */
export function soon(run: () => void, ms = FRAME_MS): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      run();
    }, ms);
  };
}
