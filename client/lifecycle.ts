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
  const options = { signal: closed };
  let life: AbortController;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    life = new AbortController();
    begin(life.signal);
  };
  const end = () => life.abort();
  addEventListener('pagehide', end, options);
  addEventListener('pageshow', ({ persisted }) => persisted && start(), options);
  document.addEventListener(
    'visibilitychange',
    () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(hidden, pauseMs, true);
      else hidden(false);
    },
    options,
  );
  closed.addEventListener('abort', () => {
    clearTimeout(timer);
    end();
  });
  start();
}
