import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { isFrozen, logsOf } from '../../app/generations';
import { generationOf } from '../../schemas/origins';

/** The logs that a recount corrects. */
export interface RecountPlan {
  /** Frozen logs of the datacenter, the oldest first. */
  readonly targets: readonly KnownLog[];
  /** The log that ended by a loss of records, without a drain. */
  readonly lost: KnownLog | undefined;
  /** Whether an origin's log is in service. */
  readonly isLive: (origin: string) => boolean;
}

/**
 * Plans a recount of a datacenter's frozen logs. `logLost`: the log of this generation, or the
 * newest one, is frozen by a loss of records. Throws an Error with advice if nothing is frozen.
 */
export function planRecount(
  logs: readonly KnownLog[],
  datacenter: string,
  logLost: number | 'newest' | undefined,
): RecountPlan {
  const own = logsOf(logs, datacenter);
  const lost = logLost === undefined ? undefined : lostLog(own, datacenter, logLost);
  const frozen = new Set(logs.filter(({ state }) => isFrozen(state)).map(({ origin }) => origin));
  if (lost) frozen.add(lost.origin);
  const targets = own.filter(({ origin }) => frozen.has(origin));
  if (targets.length === 0) {
    throw new Error(
      `no log of ${datacenter} is drained: run \`npm run drain\` first, or give --log-lost if ` +
        'its processes refuse a log that has lost records',
    );
  }
  return { targets, lost, isLive: (origin) => !frozen.has(origin) };
}

function lostLog(own: readonly KnownLog[], datacenter: string, which: number | 'newest') {
  const found =
    which === 'newest' ? own.at(-1) : own.find(({ origin }) => generationOf(origin) === which);
  if (!found) throw new Error(`${datacenter} has no such log: check --log-lost and DATACENTER`);
  return isFrozen(found.state) ? undefined : found;
}
