/** A timer that its owner can end. */
export interface Timer {
  cancel(): void;
}

/** The time, passed to all code but the composition root, so that a simulation can replace it. */
export interface Clock {
  /**
   * The wall clock, ms since the epoch. It may step in either direction at any time, so it is read
   * only for values that leave the process: `at`, `t`, ids, tokens.
   */
  now(): number;
  /** Milliseconds since an arbitrary start; never steps. Every interval is measured with it. */
  monotonic(): number;
  /** CPU milliseconds that this process has used. */
  cpu(): number;
  /** Runs `task` once, after `ms` milliseconds; with 0 after the tasks that are due now. */
  after(ms: number, task: () => void): Timer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  after(ms, task) {
    if (ms <= 0) {
      const immediate = setImmediate(task);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timeout = setTimeout(task, ms);
    return { cancel: () => clearTimeout(timeout) };
  },
};

/** Runs `task` every `ms` milliseconds, the next one counted from the end of the last. */
export function every(clock: Clock, ms: number, task: () => void | Promise<void>): Timer {
  let ended = false;
  let timer: Timer;
  const run = async (): Promise<void> => {
    await task();
    if (!ended) timer = clock.after(ms, run);
  };
  timer = clock.after(ms, run);
  return {
    cancel() {
      ended = true;
      timer.cancel();
    },
  };
}

/** Resolves after `ms` milliseconds. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
