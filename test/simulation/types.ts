import { join } from 'node:path';
import { eventTypesOf } from '../../app/event-types';
import { ROOT } from '../../compose/native/folders';
import { comments } from '../../schemas/comments';
import type { EventType, LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { Names } from '../../schemas/names';
import { partitionOf } from '../../schemas/partitions';
import { append } from '../../schemas/policies/append';
import type { RingLimits } from '../../schemas/policies/append-ring';
import { LIKE_VIEW, VIEWS, VOTE_VIEW } from './shown';

/** The reactions of likes, and the options of votes, in every run. */
export const REACTIONS = ['like', 'love', 'funny'];
export const OPTIONS = ['a', 'b', 'c'];

/** A member who has no stream stays online for this time: shorter than the product's. */
export const PRESENCE_GRACE_MS = 6_000;

/** Viewers' counts are saved this often. */
const SAVE_EVERY_MS = 2_000;

/** The bounds of the rings of comments. */
export const SMALL_RINGS: RingLimits = {
  held: { entries: 16, bytes: 65_536, deletions: 8 },
  saved: { entries: 4, bytes: 16_384, deletions: 4 },
  cached: { entries: 8, bytes: 32_768, deletions: 6 },
};

/** The leased types and those of moments of every run. */
const LIVE = ['viewers', 'visitors', 'presence', 'typing'];

/** The types of every run: built-in ones, and one of a module that this tree does not know. */
const { all } = eventTypesOf({
  REACTIONS,
  EVENT_TYPES: [join(ROOT, 'docs', 'examples', 'poll-votes.js')],
});
/** Types whose entries are read one by one, or whose values replace each other. */
const TALK = [comments.name, 'receipts', 'attributes'];

const names = [LIKE_VIEW.type, VOTE_VIEW.type, ...TALK, ...LIVE];
export const TYPES = new EventTypes(
  all
    .filter(({ name }) => names.includes(name))
    .map((type) => withSmallRings(withShortTimes(type))),
);

/** Likes: a client makes each id. */
export const LIKES = typeOf(LIKE_VIEW.type);

/** Comments, with rings so small that gaps are common. */
export const COMMENTS = typeOf(comments.name);

/** Which message each member of a conversation has read. */
export const RECEIPTS = typeOf('receipts');

/** Values of a video by name. */
export const ATTRIBUTES = typeOf('attributes');

/** The types of which viewers are sent totals and counts. */
export const COUNTED = TYPES.logged.filter(({ name }) => VIEWS.some(({ type }) => type === name));

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

/** A leased type with times that fit into a run. */
function withShortTimes(type: EventType): EventType {
  if (type.source !== 'streams') return type;
  const graceMs = type.of === 'member' ? PRESENCE_GRACE_MS : type.graceMs;
  const saveEveryMs = type.saveEveryMs && SAVE_EVERY_MS;
  return { ...type, graceMs, saveEveryMs };
}

function withSmallRings(type: EventType): EventType {
  if (type.name !== comments.name) return type;
  const { body, channelKind, idName, name } = comments;
  const names = { name, event: 'comment', idName, channelKind };
  return { ...comments, policy: append({ ...names, body, limits: SMALL_RINGS }) };
}
