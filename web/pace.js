/** Changes come fast after this many, each within this time of the one before. */
const FAST_CHANGES = 10;
const FAST_MS = 1000;

/**
 * Tells whether changes come fast.
 * @param {() => void} slowed called when they do not any more
 */
export function createPace(slowed) {
  let changes = 0;
  let timer;

  function slow() {
    const wasFast = changes >= FAST_CHANGES;
    changes = 0;
    if (wasFast) slowed();
  }

  return {
    get isFast() {
      return changes >= FAST_CHANGES;
    },
    /** Notes a change. */
    changed() {
      changes += 1;
      clearTimeout(timer);
      timer = setTimeout(slow, FAST_MS);
    },
  };
}
