/** The server sends a `ping` after 15 s of silence at the latest. */
const SILENCE_MS = 35_000;

/** So that tabs which wait for the same do not act at the same moment. */
const SPREAD_MS = 5000;

/** Returns a function to call whenever something is heard; `silent` is called if it is not. */
export function createSilence(silent: () => void, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(silent, SILENCE_MS + Math.random() * SPREAD_MS);
  };
  signal.addEventListener('abort', heard);
  heard();
  return heard;
}
