const PAUSE_MS = 60_000;

/**
 * Follows the life of the page until `closed` is aborted.
 * @param begin is called at once, and when the page comes back from the browser's cache; its life
 *   ends with the signal
 * @param hidden whether the page has been hidden for `pauseMs`
 */
export function followPage(
  closed: AbortSignal,
  begin: (life: AbortSignal) => void,
  hidden: (isHidden: boolean) => void,
  pauseMs = PAUSE_MS,
): void {
  let life: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const on = (target: EventTarget, name: string, then: () => void) =>
    target.addEventListener(name, then, { signal: closed });
  const start = () => {
    if (life) return;
    life = new AbortController();
    begin(life.signal);
  };
  const end = () => {
    clearTimeout(timer);
    life?.abort();
    life = undefined;
  };
  on(window, 'pagehide', end);
  on(window, 'pageshow', start);
  // Not by `on`: its listeners are gone before the event of the signal itself.
  closed.addEventListener('abort', end);
  on(document, 'visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(hidden, pauseMs, true);
    else hidden(false);
  });
  start();
}
