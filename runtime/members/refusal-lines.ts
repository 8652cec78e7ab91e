import { type Clock, systemClock } from '../clock';
import { FailureLines } from '../failure-lines';
import type { Logger } from '../log-lines';
import type { Reason, ReportRefusal } from './refusal';

/** Reports refused requests, never their tokens: counts all, and logs some of each reason. */
export function refusalReporter(
  log: Pick<Logger, 'info'>,
  count: (reason: Reason) => void,
  clock: Clock = systemClock,
): ReportRefusal {
  const lines = new FailureLines(clock);
  return (reason, address) => {
    count(reason);
    const line = lines.next('refuse', reason, undefined);
    if (!line) return;
    const { suppressed } = line;
    log.info({ reason, address, ...(suppressed && { suppressed }) }, 'refused a request');
  };
}
