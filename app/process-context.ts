import { systemEntropy } from '../runtime/entropy';
import { eventLoopUtilization } from '../runtime/event-loop';
import { failureReporter, type Logger, problemReporter } from '../runtime/log-lines';
import type { Members } from '../runtime/members';
import { Metrics } from '../runtime/metrics';
import type { Settings } from '../runtime/settings';
import type { LikestreamError } from '../schemas/errors';
import { membersOf } from './members-of';

/** What every role of a process is given. */
export interface ProcessContext {
  readonly settings: Settings;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly members: Members;
  /** The servers that cannot be reached now, by name; kept by the parts that need them. */
  readonly unavailable: Set<string>;
  /** What calls between services carry. */
  readonly secret: string;
  /** Told of a step that failed and is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Told of what this process cannot go on with: it ends. */
  readonly fatal: (error: Error) => void;
  /** Told of a request that was answered with a problem of ours. */
  readonly report: (error: LikestreamError) => void;
}

/** Anyone may come in where one person tries it out; what serves others says who may. */
function requireKeys({ JWT_JWKS_FILE, JWT_SECRET, SERVICE_SECRET }: Settings): void {
  if (JWT_SECRET === undefined && JWT_JWKS_FILE === undefined) {
    throw new Error('ROLE needs a key for members: set JWT_SECRET or JWT_JWKS_FILE');
  }
  if (SERVICE_SECRET === undefined) {
    throw new Error('ROLE needs a secret that all services share: set SERVICE_SECRET');
  }
}

/** The surroundings of this process; throws an Error where a key is missing. */
export function processContext(
  settings: Settings,
  log: Logger,
  fatal: (error: Error) => void,
): ProcessContext {
  const metrics = new Metrics();
  metrics.observe('event_loop_utilization', eventLoopUtilization());
  if (settings.ROLE) requireKeys(settings);
  return {
    settings,
    log,
    metrics,
    fatal,
    unavailable: new Set(),
    members: membersOf(settings),
    secret: settings.SERVICE_SECRET ?? systemEntropy.secretId(),
    failed: failureReporter(log, (doing, code) => metrics.failures.inc({ doing, code })),
    report: problemReporter(log, (code) => metrics.problems.inc({ code })),
  };
}
