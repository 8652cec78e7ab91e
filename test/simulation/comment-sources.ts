import type { CommentChecksOptions } from './comment-checks';
import type { Datacenters } from './datacenters';
import { walkPages } from './history-walk';
import type { Seeded } from './seeded';
import { COMMENTS, simulatedPartitionOf, topicOf } from './types';

const TOPIC = topicOf(COMMENTS.name);

/** Where a viewer's checks read pages and the ends of logs. */
export function commentSources(
  all: Datacenters,
  random: Seeded,
): Pick<CommentChecksOptions, 'endOf' | 'walk'> {
  return {
    walk: (channel, query) => walkPages(all, random, all.worlds, channel, query),
    endOf: (channel, of) => {
      const world = all.worlds.find(({ origin }) => origin === of);
      return world?.servers.log.end(TOPIC, simulatedPartitionOf(channel)) ?? 0;
    },
  };
}
