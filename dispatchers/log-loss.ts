import { LikestreamError } from '../schemas/errors';

/** The offsets that a partition has: from `low` to `high` - 1. */
export interface LogEnds {
  readonly low: number;
  readonly high: number;
}

/**
 * Records `from` to `to` - 1 of a partition, which were acknowledged and are in the log no more.
 */
interface Loss {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/**
 * The records that a log has lost, if a position is not between its ends: `done` was committed, up
 * to `read` this process has read.
 */
export function lossIn({ high, low }: LogEnds, done: number, read = 0): Loss | undefined {
  const known = Math.max(done, read);
  if (high < known) return { from: high, to: known, reason: 'the log ends before them' };
  if (low > done)
    return { from: done, to: low, reason: 'they were deleted before they were counted' };
  return undefined;
}

/** The error with which a process refuses to go on: what was lost, and what to do. */
export function lossError(topic: string, partition: number, loss: Loss): LikestreamError {
  const { from, reason, to } = loss;
  return logMismatch(
    `topic ${topic}, partition ${partition} has lost records ${from} to ${to - 1}: ${reason}`,
  );
}

/** The error for a record that is another one than at the time of the last commit. */
export function replacedError(topic: string, partition: number, offset: number): LikestreamError {
  return logMismatch(
    `topic ${topic}, partition ${partition} has another record at offset ${offset} than when it ` +
      'was counted: the log has lost its end and was written again from there on',
  );
}

function logMismatch(lost: string): LikestreamError {
  return new LikestreamError(
    'log_mismatch',
    `${lost}. What was counted stays; go on with a new log beside it: stop all processes, ` +
      'recreate the topic, and set LOG_GENERATION one higher for every process',
  );
}
