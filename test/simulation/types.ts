import { join } from 'node:path';
import { eventTypesOf } from '../../app/event-types';
import { ROOT } from '../../compose/native/folders';
import type { LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { Names } from '../../schemas/names';
import { partitionOf } from '../../schemas/partitions';
import { LIKE_VIEW, VOTE_VIEW } from './shown';

/** The reactions of likes, and the options of votes, in every run. */
export const REACTIONS = ['like', 'love', 'funny'];
export const OPTIONS = ['a', 'b', 'c'];

/** The types of every run: a built-in one, and one of a module that this tree does not know. */
const { all } = eventTypesOf({
  REACTIONS,
  EVENT_TYPES: [join(ROOT, 'docs', 'examples', 'poll-votes.js')],
});
export const TYPES = new EventTypes(
  all.filter(({ name }) => [LIKE_VIEW.type, VOTE_VIEW.type].includes(name)),
);

/** Likes: a client makes each id. */
export const LIKES = typeOf(LIKE_VIEW.type);

/** Votes: the member's id is the entry's id. */
export const VOTES = typeOf(VOTE_VIEW.type);

export const NAMES = new Names();

/** Fewer than the product's, because each partition costs polls. */
export const SIMULATED_PARTITIONS = 8;

/** The only generation of each log. */
export const GENERATION = { number: 1, partitions: SIMULATED_PARTITIONS };

/** The topic of a log, as `EventLog.append` names it. */
export function topicOf(log: string): string {
  return NAMES.topic(log, GENERATION.number);
}

/** The partition of a channel in all topics. */
export function simulatedPartitionOf(channel: string): number {
  return partitionOf(channel, SIMULATED_PARTITIONS);
}

function typeOf(name: string): LoggedType {
  const type = TYPES.getLogged(name);
  if (!type) throw new Error(`there is no event type ${name}`);
  return type;
}
