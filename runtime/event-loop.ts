import { performance } from 'node:perf_hooks';

/**
 * Reads the share of time in which this process's event loop was busy, 0 to 1, since it was read last.
 * Unlike a measured delay it needs no timer.
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
