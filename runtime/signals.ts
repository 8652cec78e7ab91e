import { readFileSync } from 'node:fs';
import type { Clock } from './clock';
import type { Logger } from './log-lines';
import { onShellEnd } from './npm-shell';

/** The time in which a process must end after a signal; then it exits with 1. */
const STOP_MS = 10_000;

/**
 * How standard input is open, by Linux: an octal number, the access mode in its last digit. Nohup
 * makes it write-only; that it ignores SIGHUP is lost, because Node resets signals at its start.
 */
const INPUT_FILE = '/proc/self/fdinfo/0';
const WRITE_ONLY_FLAGS = /^flags:\s*[0-7]*1$/m;

/**
 * Ends the process on SIGTERM, SIGINT, and SIGHUP unless nohup started it, and when the shell by
 * which npm started it is gone: runs `stop`, then exits with 0. The returned function says whether
 * that has begun: failures after it are its consequences.
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
  // Without a listener the signal would end the process.
  process.on('SIGHUP', ignoresHangup() ? () => undefined : end);
  onShellEnd({ clock, env: process.env, parent: () => process.ppid }, () => void end());
  return () => stopping;
}

/** Whether the process was started so that it outlives its terminal. */
function ignoresHangup(): boolean {
  try {
    return WRITE_ONLY_FLAGS.test(readFileSync(INPUT_FILE, 'utf8'));
  } catch {
    return false; // another system than Linux
  }
}
