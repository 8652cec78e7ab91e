import type { DrainState } from '../adapters/cassandra/drain-records';
import type { KnownLog } from '../adapters/cassandra/known-logs';
import { LikestreamError } from '../schemas/errors';
import { compareOrigins, generationOf, originOf } from '../schemas/origins';
import { PARTITIONS } from '../schemas/partitions';
import { datacenterOf, mirroredTopic, updatesTopic } from '../schemas/peer-update';

/** The log that a process is to serve. */
export interface WantedLog {
  readonly datacenter: string;
  readonly generation: number;
  readonly peers: readonly string[];
  /** The partitions of each topic, if `PARTITIONS` is set. */
  readonly partitions?: number | undefined;
}

/** The topics of a process, from its settings and the recorded logs. */
export interface GenerationPlan {
  readonly partitions: number;
  /** The mirrored topics of other datacenters that it reads. */
  readonly peerTopics: readonly string[];
}

/** Whether no process appends to a log any more. */
export function isFrozen(state: DrainState | undefined): boolean {
  return state !== undefined && state !== 'serving' && state !== 'draining';
}

/** The logs of a datacenter, the oldest first. */
export function logsOf(logs: readonly KnownLog[], datacenter: string): KnownLog[] {
  const theirs = logs.filter(({ origin }) => datacenterOf(origin) === datacenter);
  return theirs.sort((one, other) => compareOrigins(one.origin, other.origin));
}

/**
 * Checks that a process may serve the log that it wants, and plans its topics. Throws
 * `log_mismatch` with one line that names the settings to change.
 */
export function planGeneration(wanted: WantedLog, logs: readonly KnownLog[]): GenerationPlan {
  const { datacenter, generation, peers } = wanted;
  const own = logsOf(logs, datacenter);
  refuseRecount(datacenter, own);
  const origin = originOf(datacenter, generation);
  const mine = own.find((log) => log.origin === origin);
  const before = own.findLast((log) => generationOf(log.origin) < generation);
  if (mine) refuseSuperseded(mine, own);
  else refuseEarly(origin, before);
  if (mine && wanted.partitions !== undefined && wanted.partitions !== mine.partitions) {
    throw mismatch(
      `${origin} has ${mine.partitions} partitions, and PARTITIONS is ${wanted.partitions}: ` +
        'only a new log can have another number. Run `npm run drain`, then set LOG_GENERATION ' +
        'one higher',
    );
  }
  const theirs = peers.map((peer) => logsOf(logs, peer));
  const installed = before ?? theirs.flat().at(-1);
  const partitions = mine?.partitions ?? wanted.partitions ?? installed?.partitions ?? PARTITIONS;
  const peerTopics = peers.flatMap((peer, at) =>
    topicsOf(peer, theirs[at] ?? [], { origin, partitions }),
  );
  return { partitions, peerTopics };
}

/** The newest generation that a datacenter serves, or will serve once it starts again. */
export function servedGeneration(logs: readonly KnownLog[]): number {
  const newest = logs.at(-1);
  if (!newest) return 1;
  return generationOf(newest.origin) + (isFrozen(newest.state) ? 1 : 0);
}

// Earlier generations may still have unread updates.
function topicsOf(
  peer: string,
  logs: readonly KnownLog[],
  own: Pick<KnownLog, 'origin' | 'partitions'>,
): string[] {
  const newest = logs.at(-1);
  if (newest && !isFrozen(newest.state) && newest.partitions !== own.partitions) {
    throw mismatch(
      `${newest.origin} has ${newest.partitions} partitions, and ${own.origin} would have ` +
        `${own.partitions}: all datacenters need the same number. Drain ${peer} as well, and ` +
        'set the same PARTITIONS everywhere',
    );
  }
  const readable = logs.filter(({ partitions }) => partitions === own.partitions);
  const generations = readable.map(({ origin }) => generationOf(origin));
  return [...new Set([...generations, servedGeneration(logs)])].map((generation) =>
    mirroredTopic(peer, updatesTopic(generation)),
  );
}

function refuseRecount(datacenter: string, own: readonly KnownLog[]): void {
  const recounting = own.find(({ state }) => state === 'recounting');
  if (!recounting) return;
  throw mismatch(
    `${recounting.origin} is being recounted: start ${datacenter} once \`npm run recount\` has ` +
      'ended; if it was interrupted, run it again',
  );
}

function refuseSuperseded({ origin, state }: KnownLog, own: readonly KnownLog[]): void {
  if (!isFrozen(state)) return;
  const hasSuccessor = own.at(-1)?.origin !== origin;
  if (state === 'drained' && !hasSuccessor) return;
  const next = servedGeneration(own);
  const reason = state === 'drained' ? 'was drained, and another log follows it' : `was ${state}`;
  throw mismatch(`${origin} ${reason}: set LOG_GENERATION=${next} for every process`);
}

function refuseEarly(origin: string, before: KnownLog | undefined): void {
  if (before?.state !== 'draining') return;
  throw mismatch(
    `${origin} cannot begin while ${before.origin} is being drained: wait until ` +
      '`npm run drain` has ended, or undo it',
  );
}

function mismatch(detail: string): LikestreamError {
  return new LikestreamError('log_mismatch', detail);
}
