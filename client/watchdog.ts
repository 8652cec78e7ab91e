/** The server sends a `ping` after 15 s of silence at the latest. */
const SILENCE_MS = 35_000;
const CHECK_MS = 5000;

/** Calls `ended` if nothing is heard for too long, as after the loss of a network. */
export function createWatchdog(ended: () => void) {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS) ended();
  }, CHECK_MS);
  return {
    heard(): void {
      heardAt = performance.now();
    },
    end: () => clearInterval(timer),
  };
}
