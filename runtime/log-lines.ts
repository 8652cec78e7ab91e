import pino, { type Logger } from 'pino';
import { LikestreamError } from '../schemas/errors';
import { type Clock, systemClock } from './clock';
import { type FailureLine, FailureLines } from './failure-lines';
import { LineWriter } from './line-writer';

export type { Logger } from 'pino';

const STDERR = 2;

/** The process's log: one JSON line per entry on standard error; standard output is for people. */
export function openLog(level: string, role: string): Logger {
  const lines = new LineWriter(STDERR, systemClock);
  process.once('exit', () => lines.flush());
  // Without this listener a closed pipe would end the process.
  process.stderr.on('error', () => undefined);
  return pino({ level, base: { role, pid: process.pid } }, lines);
}

/** Reports a failure: the step, and the error. */
export type ReportFailure = (doing: string, error: unknown) => void;

/** Reports failed steps that are tried again: counts all, and logs some. */
export function failureReporter(
  log: Logger,
  count: (doing: string, code: string) => void,
  clock: Clock = systemClock,
): ReportFailure {
  const lines = new FailureLines(clock);
  return (doing, error) => {
    const code = codeOf(error);
    count(doing, code);
    const line = lines.next(doing, code, error);
    if (line) log.warn({ doing, code, ...line }, 'failed, will be tried again');
  };
}

/** Reports requests that were answered with a problem: counts all, and logs some. */
export function problemReporter(
  log: Logger,
  count: (code: string) => void,
  clock: Clock = systemClock,
): (error: Error) => void {
  const lines = new FailureLines(clock);
  return (error) => {
    const code = codeOf(error);
    count(code);
    const line = lines.next('answer', code, error);
    if (line) log.error({ code, ...withoutStack(line) }, 'answered with a problem');
  };
}

/** A stack says nothing of a refusal that is meant: its words are for the operator. */
function withoutStack(line: FailureLine): FailureLine {
  const { err, ...rest } = line;
  const isMeant = err instanceof LikestreamError && err.retriable && err.cause === undefined;
  return isMeant ? { why: err.message, ...rest } : line;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}
