import { performance } from 'node:perf_hooks';

/**
 * Returns a function that reads the busy share of this process's event loop, 0 to 1, since its last
 * call. Unlike a measured delay it needs no timer.
 */
export function eventLoopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
