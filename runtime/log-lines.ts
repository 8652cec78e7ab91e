import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** The process's log: one JSON line an entry, on standard error, so that standard output is for people. */
export function openLog(level: string, role: string): Logger {
  return pino({ level, base: { role, pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
}

/** Reports what failed and will be tried again: its doing, its code, and how often since. */
export function failureReporter(
  log: Logger,
  count: (doing: string, code: string) => void,
): (doing: string, error: unknown) => void {
  return (doing, error) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    count(doing, code);
    log.warn({ doing, code, err: error }, 'failed, will be tried again');
  };
}
