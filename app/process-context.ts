import { systemEntropy } from '../runtime/entropy';
import { eventLoopUtilization } from '../runtime/event-loop';
import { failureReporter, type Logger, problemReporter } from '../runtime/log-lines';
import type { CookieMembers } from '../runtime/members/members';
import type { ReportRefusal } from '../runtime/members/refusal';
import { refusalReporter } from '../runtime/members/refusal-lines';
import { Metrics } from '../runtime/metrics';
import { Origins } from '../runtime/origins';
import { ServiceIdentity } from '../runtime/services/service-identity';
import { hasMemberKey } from '../runtime/settings/members';
import type { Settings } from '../runtime/settings/settings';
import type { LikestreamError } from '../schemas/errors';
import type { EventTypes } from '../schemas/event-types';
import { Names } from '../schemas/names';
import { eventTypesOf } from './event-types';
import { membersOf } from './members-of';

/** The parts of a process that all its roles share. */
export interface ProcessContext {
  readonly settings: Settings;
  /** The event types of this process. */
  readonly types: EventTypes;
  /** The names of everything on servers. */
  readonly names: Names;
  /** The origins whose pages may call. */
  readonly origins: Origins;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly members: CookieMembers;
  /** The names of servers that are unavailable now; the back ends maintain it. */
  readonly unavailable: Set<string>;
  /** The secret that all processes of the installation share. */
  readonly secret: string;
  /** This process among the services. */
  readonly identity: ServiceIdentity;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports an error after which the process must end. */
  readonly fatal: (error: Error) => void;
  /** Reports a request that was refused for want of a valid token. */
  readonly refused: ReportRefusal;
  /** Reports a request that was answered with a 5xx problem. */
  readonly report: (error: LikestreamError) => void;
}

/** Embedded mode may run without keys; a process with a role serves others and needs them. */
function requireKeys(settings: Settings): void {
  if (!hasMemberKey(settings)) {
    throw new Error('ROLE needs a key for members: set JWT_SECRET, JWT_JWKS_FILE or JWT_JWKS_URL');
  }
  if (settings.SERVICE_SECRET === undefined) {
    throw new Error('ROLE needs a secret that all services share: set SERVICE_SECRET');
  }
}

/** The context of this process; throws an Error if a key is missing or a module is wrong. */
export function processContext(
  settings: Settings,
  log: Logger,
  fatal: (error: Error) => void,
): ProcessContext {
  const metrics = new Metrics();
  metrics.observe('event_loop_utilization', eventLoopUtilization());
  if (settings.ROLE) requireKeys(settings);
  const secret = settings.SERVICE_SECRET ?? systemEntropy.secretId();
  const failed = failureReporter(log, (doing, code) => metrics.failures.inc({ doing, code }));
  const refused = refusalReporter(log, (reason) => metrics.refusals.inc({ reason }));
  return {
    settings,
    types: eventTypesOf(settings),
    names: new Names(settings.NAMESPACE),
    origins: new Origins(settings.CORS_ORIGINS ?? (settings.ROLE ? [] : undefined)),
    log,
    metrics,
    fatal,
    failed,
    refused,
    unavailable: new Set(),
    members: membersOf(settings, { metrics, failed, refused }),
    secret,
    identity: new ServiceIdentity(secret, systemEntropy),
    report: problemReporter(log, (code) => metrics.problems.inc({ code })),
  };
}
