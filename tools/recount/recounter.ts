import type { LogEndsByType } from '../../adapters/cassandra/drain-records';
import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { RunningProcesses } from '../../adapters/cassandra/process-beats';
import { CassandraRowScan } from '../../adapters/cassandra/row-scan';
import { LimitedSession } from '../../adapters/cassandra/session';
import { CassandraStateScan } from '../../adapters/cassandra/state-scan';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { closeTopic } from '../../adapters/kafka/topics/log-gate';
import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { checkRights } from '../../adapters/redis/rights';
import { redisServersOf } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { logsOf } from '../../app/generations';
import { systemClock as clock, pause } from '../../runtime/clock';
import { ServiceKeys } from '../../runtime/services/service-keys';
import type { LoggedType } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import { generationOf } from '../../schemas/origins';
import { groupProgress } from '../drain/group-progress';
import { say } from '../operator/program';
import type { OperatorServers } from '../operator/servers';
import { PeerUpdates } from './peer-updates';
import { planRecount, type RecountPlan } from './plan';
import { RecountRun } from './run';

/** A member that was killed leaves its group after 6 s. */
const GROUP_EMPTY_MS = 10_000;
const LOOK_MS = 500;
const REDIS_MS = 10_000;
const MS_PER_SECOND = 1_000;

/** Recounts a datacenter's frozen logs on its servers. */
export class Recounter {
  private readonly processes: RunningProcesses;

  private readonly codes: ServiceKeys;

  /** Throws an Error without the secret: no process would believe the recounted states. */
  constructor(private readonly servers: OperatorServers) {
    const { cassandra, settings } = servers;
    this.codes = codesOf(settings.SERVICE_SECRET);
    this.processes = new RunningProcesses(cassandra, settings.DATACENTER, clock);
  }

  /** Recounts one channel or all. Rejects with an Error if something must be done before. */
  async run(logLost: number | 'newest' | undefined, channel: string | undefined): Promise<void> {
    const { settings } = this.servers;
    const logs = await this.servers.logs();
    const plan = planRecount(logs, settings.DATACENTER, logLost);
    const own = logsOf(logs, settings.DATACENTER);
    say(`looking whether producers and dispatchers of ${settings.DATACENTER} run`);
    this.refuse(await this.processes.watch());
    this.refuse(await this.groupMembers(own));
    const redis = openRedis(redisServersOf(settings));
    try {
      await this.ready(redis);
      await this.mark(plan);
      await this.recount(plan, redis, own, channel);
      for (const { origin } of plan.targets) await this.servers.drains.set(origin, 'recounted');
    } finally {
      redis.close();
    }
    const newest = own.at(-1);
    const next = newest ? generationOf(newest.origin) + (plan.isLive(newest.origin) ? 0 : 1) : 1;
    say(`recounted. Start producers and dispatchers with LOG_GENERATION=${next}`);
  }

  /** Records that the targets are being recounted: from then on no process of theirs starts. */
  private async mark({ lost, targets }: RecountPlan): Promise<void> {
    const { drains } = this.servers;
    if (lost) await drains.set(lost.origin, 'lost', await this.lostEnds(lost));
    for (const { origin } of targets) await drains.set(origin, 'recounting');
    // A process writes its first beat before it reads these states.
    const late = await this.processes.changed();
    if (late.length === 0) return;
    for (const { origin, state } of targets) {
      await drains.set(origin, state ?? 'serving');
    }
    this.refuse(late);
  }

  private async recount(
    { targets }: RecountPlan,
    redis: RedisClient,
    own: readonly KnownLog[],
    channel: string | undefined,
  ): Promise<void> {
    const { cassandra, drains, names, types } = this.servers;
    const session = new LimitedSession(cassandra, clock);
    const peers = new PeerUpdates(this.servers, own);
    const parts = {
      stateScan: new CassandraStateScan(types, { client: cassandra, clock }),
      states: new CassandraStates(session, types),
      cache: new RedisCache(redis, types, names, this.codes),
    };
    const all = channel === undefined ? types.logged : types.of(channel).filter(isLogged);
    const wanted = all.filter(isCounted);
    for (const type of all) {
      if (!isCounted(type)) say(`${type.name}: not counted from rows, its saved states stay`);
    }
    await peers.open();
    try {
      for (const { origin } of targets) {
        const ends = await drains.ends(origin);
        for (const type of wanted) {
          const run = new RecountRun({
            ...parts,
            ...{ type, origin, clock, say, ends: ends.get(type.name) ?? new Map() },
            rows: new CassandraRowScan(type, { client: cassandra, clock }),
            publish: (publications) => peers.publish(type.name, origin, publications),
          });
          await recountOne(run, { type, origin, channel });
        }
      }
    } finally {
      session.close();
      await peers.close();
    }
  }

  /** The positions and ends of a log that has lost records; a topic may not exist any more. */
  private async lostEnds({ origin, partitions }: KnownLog): Promise<LogEndsByType> {
    const { admin, names, types } = this.servers;
    const all = new Map<string, Map<number, number>>();
    const existing = await admin.listTopics();
    for (const { name } of types.logged) {
      const ends = new Map(Array.from({ length: partitions }, (_, number) => [number, 0]));
      all.set(name, ends);
      const topic = names.topic(name, generationOf(origin));
      if (!existing.includes(topic)) continue;
      await closeTopic(admin, topic);
      const progress = await groupProgress(admin, names.group(origin, name), topic);
      for (const { done, end, partition } of progress) ends.set(partition, Math.max(done, end));
    }
    return all;
  }

  private refuse(running: readonly string[]): void {
    if (running.length === 0) return;
    const names = [...new Set(running)].join(', ');
    throw new Error(
      `${running.length} processes of this datacenter run (${names}): stop all its producers ` +
        'and dispatchers first. Nothing was changed',
    );
  }

  /** Members of the consumer groups, after those that were killed have left. */
  private async groupMembers(own: readonly KnownLog[]): Promise<string[]> {
    const { admin, names, types } = this.servers;
    const giveUpAt = clock.monotonic() + GROUP_EMPTY_MS;
    for (;;) {
      const { groups } = await admin.describeGroups(
        own.flatMap(({ origin }) => types.logged.map(({ name }) => names.group(origin, name))),
      );
      const members = groups.flatMap(({ groupId, members }) =>
        members.map(() => `a member of consumer group ${groupId}`),
      );
      if (members.length === 0 || clock.monotonic() > giveUpAt) return members;
      await pause(clock, LOOK_MS);
    }
  }

  private async ready(redis: RedisClient): Promise<void> {
    const giveUpAt = clock.monotonic() + REDIS_MS;
    for (;;) {
      try {
        await redis.whenReady();
        await checkRights(redis, this.servers.names);
        return;
      } catch (error) {
        if (clock.monotonic() > giveUpAt) throw error;
        await pause(clock, LOOK_MS);
      }
    }
  }
}

/** Whether a type's states follow from its rows alone: not from cells, nor from a history. */
function isCounted({ hasHistory, rows }: LoggedType): boolean {
  return rows !== 'none' && !hasHistory;
}

/** Recounts one channel or all of a type, and prints the result. */
async function recountOne(
  run: RecountRun,
  { channel, origin, type }: { type: LoggedType; origin: string; channel: string | undefined },
): Promise<void> {
  const startedAt = clock.monotonic();
  await (channel === undefined ? run.all() : run.one(channel));
  const seconds = (clock.monotonic() - startedAt) / MS_PER_SECOND;
  for (const line of run.summary.lines(origin)) say(line);
  say(`${origin} ${type.name}: ${run.rowsRead} rows read in ${seconds.toFixed(1)} s`);
  if (run.contestedLeft === 0) return;
  say(
    `${origin} ${type.name}: ${run.contestedLeft} more entries are counted by a later ` +
      'datacenter, too: let it read the updates, then run the recount again',
  );
}

function codesOf(secret: string | undefined): ServiceKeys {
  if (secret === undefined)
    throw new Error('set SERVICE_SECRET, the same one as for all processes');
  return new ServiceKeys(secret);
}
