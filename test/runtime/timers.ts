import type { Clock } from '../../runtime/clock';
import type { VirtualClock } from '../simulation/virtual-clock';

/** A clock that counts the timers which still run. */
export function timersOf(inner: VirtualClock) {
  let running = 0;
  const after: Clock['after'] = (ms, task) => {
    running++;
    const timer = inner.after(ms, () => {
      running--;
      task();
    });
    return timer;
  };
  return {
    now: () => inner.now(),
    cpu: () => 0,
    monotonic: () => inner.monotonic(),
    after,
    advance: (ms: number) => inner.advance(ms),
    get running(): number {
      return running;
    },
  };
}
