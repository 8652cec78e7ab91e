import type { Clock } from './clock';
import type { Logger } from './log-lines';

/** What is under way gets so long to finish; then the process ends all the same. */
const STOP_MS = 10_000;

/**
 * Ends the process on SIGTERM or SIGINT: `stop`, then exit 0. Gives whether that has begun: what
 * fails after that fails because of it.
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
