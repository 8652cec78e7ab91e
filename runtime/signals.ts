import type { Clock } from './clock';
import type { Logger } from './log-lines';

/** The time in which a process must end after a signal; then it exits with 1. */
const STOP_MS = 10_000;

/**
 * Ends the process on SIGTERM or SIGINT: runs `stop`, then exits with 0. The returned function says
 * whether that has begun: failures after it are its consequences.
 */
export function onSignal(clock: Clock, log: Logger, stop: () => Promise<void>): () => boolean {
  let stopping = false;
  const end = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clock.after(STOP_MS, () => {
      log.error('could not stop in time');
      process.exit(1);
    });
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'could not stop');
      process.exit(1);
    }
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return () => stopping;
}
