import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { logsOf, mirroredUpdates } from '../../app/generations';
import type { EventTypes } from '../../schemas/event-types';
import { MOMENTS, type Names } from '../../schemas/names';
import { generationOf } from '../../schemas/origins';
import type { DrainedType } from './run';

/** What a drain knows of its servers. */
export interface DrainServers {
  readonly names: Names;
  readonly types: Pick<EventTypes, 'logged'>;
  /** The other datacenters. */
  readonly peers: readonly string[];
  /** The topics that exist. */
  readonly existing: readonly string[];
}

/**
 * The event types of a log to drain: those that have a topic, each with the mirrored topics
 * that its dispatchers read. Throws an Error if the log has the topic of an unknown type: the drain
 * would not wait for its records, and no later log counts them.
 */
export function drainedTypes(
  log: KnownLog,
  logs: readonly KnownLog[],
  servers: DrainServers,
): DrainedType[] {
  const { existing, names, peers, types } = servers;
  requireKnownTypes(log, servers);
  const generation = generationOf(log.origin);
  // Peers with another number of partitions cannot be read.
  const theirs = peers
    .flatMap((peer) => logsOf(logs, peer))
    .filter(({ partitions }) => partitions === log.partitions);
  const drained = types.logged.map(({ name }) => {
    const mirrored = theirs.map(({ origin }) => mirroredUpdates(names, origin, name));
    return {
      name,
      groupId: names.group(log.origin, name),
      topic: names.topic(name, generation),
      peerTopics: mirrored.filter((topic) => existing.includes(topic)),
    };
  });
  // A type that no process of this log had has no topic.
  return drained.filter(({ topic }) => existing.includes(topic));
}

function requireKnownTypes({ origin }: KnownLog, { existing, names, types }: DrainServers): void {
  const generation = generationOf(origin);
  for (const topic of existing) {
    const type = typeIn(topic, names, generation);
    // All generations share the topic of moments, whose records are not counted.
    if (type === undefined || type === MOMENTS) continue;
    if (types.logged.some(({ name }) => name === type)) continue;
    throw new Error(
      `${origin} has the topic ${topic}, and this program has no event type ${type}: set ` +
        'EVENT_TYPES as the processes have it',
    );
  }
}

/** The event type whose topic of this generation has this name. */
function typeIn(topic: string, names: Names, generation: number): string | undefined {
  const [, type] = /^[^.]+\.([a-z][a-z0-9-]*)(\.\d+)?$/.exec(topic) ?? [];
  return type !== undefined && names.topic(type, generation) === topic ? type : undefined;
}
