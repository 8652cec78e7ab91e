const HIDDEN_MS = 250;

/** Returns a function that calls `show` once in the next frame; a hidden tab has no frames. */
export function oncePerFrame(show: () => void): () => void {
  let isDue = false;
  const run = (): void => {
    isDue = false;
    show();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.hidden) setTimeout(run, HIDDEN_MS);
    else requestAnimationFrame(run);
  };
}
