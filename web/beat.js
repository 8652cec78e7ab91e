/** What changes again and again does so in these steps: each frame has a price of its own. */
export const BEAT_MS = 100;

/**
 * Draws what changes often: a first change in the next frame, further ones at the page's beat, so
 * that all parts of the page change in one frame.
 * @param {(now: number) => void} draw
 * @returns {() => void} call it at each change
 */
export function createBeat(draw) {
  let isDue = false;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function frame(now) {
    isDue = false;
    drawnAt = performance.now();
    draw(now);
  }

  return () => {
    if (isDue) return;
    isDue = true;
    const now = performance.now();
    if (now - drawnAt > BEAT_MS) requestAnimationFrame(frame);
    else setTimeout(requestAnimationFrame, BEAT_MS - (now % BEAT_MS), frame);
  };
}
