/** Calls a function, but not too often. */
export interface Throttle {
  /** Calls it now, or at the end of the time. */
  request(): void;
  /** Calls it now. */
  now(): void;
  /** Calls it never again. */
  end(): void;
}

/** Calls `act` at most once in this time; requests meanwhile become one call at its end. */
export function throttle(ms: number, act: () => void): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  let hasEnded = false;
  const now = () => {
    if (hasEnded) return;
    clearTimeout(timer);
    isWanted = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) now();
    }, ms);
    act();
  };
  return {
    now,
    request() {
      if (timer === undefined) now();
      else isWanted = true;
    },
    end() {
      hasEnded = true;
      clearTimeout(timer);
    },
  };
}
