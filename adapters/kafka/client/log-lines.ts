import { type LogEntry, logLevel } from 'kafkajs';
import type { Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/log-lines';
import { SlowLines } from '../../../runtime/slow-lines';
import { explainKafka } from './explain';

/** A message is logged at `warn` once per this time; its repetitions are logged at `debug`. */
const REPEAT_MS = 10_000;

/** Said also by the call that fails, which knows more. */
const SAID_ELSEWHERE = /^Closed connection$|^Response CreateTopics/;

/**
 * Passes kafkajs's log lines to our log: its errors at `warn`, the rest at `debug`. kafkajs repeats
 * the same error at each try, so `warn` gets each message only once per interval. An error that an
 * operator must mend is replaced with what to do, as often as `lasting` says.
 */
export function kafkaLogLines(
  log: Pick<Logger, 'warn' | 'debug'>,
  clock: Clock,
  lasting = new SlowLines(clock),
) {
  const passing = new SlowLines(clock, REPEAT_MS);
  return ({ level, log: fields }: LogEntry): void => {
    const { broker, error = '', message } = fields;
    const advice = level === logLevel.ERROR ? explainKafka(`${message} ${error}`) : undefined;
    if (advice !== undefined && lasting.isDue(advice)) log.warn({ part: 'kafka', broker }, advice);
    const line = { kafka: { ...fields, stack: undefined } };
    const isWarned =
      level === logLevel.ERROR &&
      advice === undefined &&
      !SAID_ELSEWHERE.test(message) &&
      passing.isDue(message);
    if (isWarned) log.warn(line, message);
    else log.debug(line, message);
  };
}
