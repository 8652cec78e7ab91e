import type { DrainState } from '../adapters/cassandra/drain-records';
import type { KnownLog } from '../adapters/cassandra/known-logs';
import { LikestreamError } from '../schemas/errors';
import { type Names, updatesOf } from '../schemas/names';
import { compareOrigins, datacenterOf, generationOf, originOf } from '../schemas/origins';
import { PARTITIONS } from '../schemas/partitions';

/** The log that a process is to serve. */
export interface WantedLog {
  readonly datacenter: string;
  readonly generation: number;
  readonly peers: readonly string[];
  /** Whether the process appends or counts: it is a producer or a dispatcher. */
  readonly serves: boolean;
  /** The partitions of each topic, if `PARTITIONS` is set. */
  readonly partitions?: number | undefined;
}

/** What a process serves and reads, from its settings and the recorded logs. */
export interface GenerationPlan {
  readonly partitions: number;
  /** Whether the log may begin or continue; true for each process that serves it. */
  readonly isInService: boolean;
  /** The logs of other datacenters whose updates it reads, as origins. */
  readonly peers: readonly string[];
}

/** The mirrored topic with an event type's updates of another datacenter's log. */
export function mirroredUpdates(names: Names, origin: string, type: string): string {
  const topic = names.topic(updatesOf(type), generationOf(origin));
  return names.mirrored(datacenterOf(origin), topic);
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
 * Checks that a process may serve the log that it wants, and plans what it reads. Throws
 * `log_mismatch` with one line that names the settings to change. A process that has only viewers
 * is not refused: it neither appends nor counts, and shows the sum of all logs.
 */
export function planGeneration(wanted: WantedLog, logs: readonly KnownLog[]): GenerationPlan {
  const { datacenter, generation, peers, serves } = wanted;
  const own = logsOf(logs, datacenter);
  const origin = originOf(datacenter, generation);
  const mine = own.find((log) => log.origin === origin);
  const before = own.findLast((log) => generationOf(log.origin) < generation);
  const refusal =
    recounting(datacenter, own) ?? (mine ? superseded(mine, own) : early(origin, before));
  if (refusal !== undefined && serves) throw mismatch(refusal);
  if (mine && serves) requirePartitions(mine, wanted.partitions);
  const theirs = peers.map((peer) => logsOf(logs, peer));
  const installed = before ?? theirs.flat().at(-1);
  const partitions = mine?.partitions ?? wanted.partitions ?? installed?.partitions ?? PARTITIONS;
  const read = serves ? peers : [];
  const readable = read.flatMap((peer, at) =>
    readableLogs(peer, theirs[at] ?? [], { origin, partitions }),
  );
  return { partitions, isInService: refusal === undefined, peers: readable };
}

/** The newest generation that a datacenter serves, or will serve once it starts again. */
export function servedGeneration(logs: readonly KnownLog[]): number {
  const newest = logs.at(-1);
  if (!newest) return 1;
  return generationOf(newest.origin) + (isFrozen(newest.state) ? 1 : 0);
}

// An earlier generation may still have unread updates. The next one is read from its first update
// on, without a restart.
function readableLogs(
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
  const next = (newest ? generationOf(newest.origin) : 1) + 1;
  return [...new Set([...generations, servedGeneration(logs), next])].map((generation) =>
    originOf(peer, generation),
  );
}

function requirePartitions({ origin, partitions }: KnownLog, wanted: number | undefined): void {
  if (wanted === undefined || wanted === partitions) return;
  throw mismatch(
    `${origin} has ${partitions} partitions, and PARTITIONS is ${wanted}: only a new log can ` +
      'have another number. Run `npm run drain`, then set LOG_GENERATION one higher',
  );
}

// Each of these returns the reason why a log must not be served.

function recounting(datacenter: string, own: readonly KnownLog[]): string | undefined {
  const found = own.find(({ state }) => state === 'recounting');
  if (!found) return undefined;
  return (
    `${found.origin} is being recounted: start ${datacenter} once \`npm run recount\` has ` +
    'ended; if it was interrupted, run it again'
  );
}

function superseded({ origin, state }: KnownLog, own: readonly KnownLog[]): string | undefined {
  if (!isFrozen(state)) return undefined;
  const hasSuccessor = own.at(-1)?.origin !== origin;
  if (state === 'drained' && !hasSuccessor) return undefined;
  const next = servedGeneration(own);
  const reason = state === 'drained' ? 'was drained, and another log follows it' : `was ${state}`;
  return `${origin} ${reason}: set LOG_GENERATION=${next} for every process`;
}

// An earlier log that was not drained may have entries that no owner would count then.
function early(origin: string, before: KnownLog | undefined): string | undefined {
  if (!before || isFrozen(before.state)) return undefined;
  if (before.state === 'draining') {
    return (
      `${origin} cannot begin while ${before.origin} is being drained: wait until ` +
      '`npm run drain` has ended, or undo it'
    );
  }
  return (
    `${origin} cannot begin while ${before.origin} is in service: run \`npm run drain\` with ` +
    `LOG_GENERATION=${generationOf(before.origin)} first, or \`npm run recount -- --log-lost\` ` +
    'if that log has lost records'
  );
}

function mismatch(detail: string): LikestreamError {
  return new LikestreamError('log_mismatch', detail);
}
