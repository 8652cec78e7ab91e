import { LikestreamError } from '../../schemas/errors';

/** A partition has the offsets from `low` to `high` - 1. */
export interface LogEnds {
  readonly low: number;
  readonly high: number;
}

/** Acknowledged records that are no longer in the log: `from` to `to` - 1 of a partition. */
export interface Loss {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/**
 * The records that a log has lost if a position is not between its ends. `done` is the committed
 * position; this process has read up to `read`.
 */
export function lossIn({ high, low }: LogEnds, done: number, read = 0): Loss | undefined {
  const known = Math.max(done, read);
  if (high < known) return { from: high, to: known, reason: 'the log ends before these' };
  if (low > done)
    return { from: done, to: low, reason: 'these were deleted before they were counted' };
  return undefined;
}

/** The error with which a process ends: the lost records, and the operator's next steps. */
export function lossError(topic: string, partition: number, loss: Loss): LikestreamError {
  const { from, reason, to } = loss;
  return logMismatch(
    `topic ${topic}, partition ${partition} has lost records ${from} to ${to - 1}: ${reason}`,
  );
}

/** The error for a record that differs from the record at that offset at the last commit. */
export function replacedError(topic: string, partition: number, offset: number): LikestreamError {
  return logMismatch(
    `topic ${topic}, partition ${partition} has another record at offset ${offset} than ` +
      'the counted one: the log has lost its end, and new records were written there',
  );
}

function logMismatch(lost: string): LikestreamError {
  return new LikestreamError(
    'log_mismatch',
    `${lost}. Counted entries are kept. To continue with a new log: stop all producers and ` +
      'dispatchers, run `npm run recount -- --log-lost`, and set LOG_GENERATION one higher for ' +
      'every process',
  );
}
