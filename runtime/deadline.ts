import type { Clock } from './clock';

/** The outcome of `work`; rejects with `late` after `ms` milliseconds. */
export function withDeadline<T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<T>,
  late: Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(late));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
