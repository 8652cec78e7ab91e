import { type LogEntry, logLevel } from 'kafkajs';
import type { Clock } from './clock';
import type { Logger } from './log-lines';

/** One message is logged at most once in this time at `warn`; its repetitions go to `debug`. */
const REPEAT_MS = 10_000;
const MAX_MESSAGES = 100;

/**
 * Passes kafkajs's own lines to our log: its errors at `warn`, the rest at `debug`. kafkajs repeats
 * the same error at each try, so the first one of each message in a while is enough.
 */
export function kafkaLogLines(log: Pick<Logger, 'warn' | 'debug'>, clock: Clock) {
  const warnedAtMs = new Map<string, number>();
  return ({ level, log: fields }: LogEntry): void => {
    const line = { kafka: { ...fields, stack: undefined } };
    const nowMs = clock.monotonic();
    const isRepeated = nowMs - (warnedAtMs.get(fields.message) ?? -Infinity) < REPEAT_MS;
    if (level !== logLevel.ERROR || isRepeated) {
      log.debug(line, fields.message);
      return;
    }
    // The oldest goes first: a Map keeps the order of insertion.
    warnedAtMs.delete(fields.message);
    for (const oldest of warnedAtMs.keys()) {
      if (warnedAtMs.size < MAX_MESSAGES) break;
      warnedAtMs.delete(oldest);
    }
    warnedAtMs.set(fields.message, nowMs);
    log.warn(line, fields.message);
  };
}
