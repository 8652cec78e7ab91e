const HIDDEN_MS = 250;

function once(run: () => void, later: (run: () => void) => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    later(() => {
      isDue = false;
      run();
    });
  };
}

/** Returns a function that calls `run` once in the next frame; a hidden tab has no frames. */
export function oncePerFrame(run: () => void): () => void {
  return once(run, (then) => {
    if (document.hidden) setTimeout(then, HIDDEN_MS);
    else requestAnimationFrame(then);
  });
}

/** Returns a function that calls `run` once after all that the page does at this moment. */
export function oncePerTask(run: () => void): () => void {
  return once(run, queueMicrotask);
}
