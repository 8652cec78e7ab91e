import { type LogEntry, logLevel } from 'kafkajs';
import { BoundedMap } from '../../../runtime/bounded-map';
import type { Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/log-lines';

/** A message is logged at `warn` once per this time; its repetitions are logged at `debug`. */
const REPEAT_MS = 10_000;
const MAX_MESSAGES = 100;

/**
 * Passes kafkajs's log lines to our log: its errors at `warn`, the rest at `debug`. kafkajs repeats
 * the same error at each try, so `warn` gets each message only once per interval.
 */
export function kafkaLogLines(log: Pick<Logger, 'warn' | 'debug'>, clock: Clock) {
  const warnedAtMs = new BoundedMap<string, number>(MAX_MESSAGES);
  return ({ level, log: fields }: LogEntry): void => {
    const line = { kafka: { ...fields, stack: undefined } };
    const nowMs = clock.monotonic();
    const isRepeated = nowMs - (warnedAtMs.get(fields.message) ?? -Infinity) < REPEAT_MS;
    if (level !== logLevel.ERROR || isRepeated) {
      log.debug(line, fields.message);
      return;
    }
    warnedAtMs.set(fields.message, nowMs);
    log.warn(line, fields.message);
  };
}
