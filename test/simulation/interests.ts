import { CONVERSATION, MEMBERS, presenceOf } from './people';
import type { Seeded } from './seeded';
import { ATTRIBUTES, COMMENTS, LIKES, RECEIPTS, VOTES } from './types';
import { channelOf, VIDEOS } from './videos';

/** What viewers ask for; undefined for all types. Unknown names are ignored. */
const EVENTS = [
  undefined,
  [LIKES.name],
  [VOTES.name],
  [VOTES.name, 'unknown', 'viewers'],
  [COMMENTS.name, ATTRIBUTES.name],
];

/** The same of viewers that also watch members. */
const EVENTS_OF_MEMBERS = [
  undefined,
  [VOTES.name, 'presence', 'typing'],
  [COMMENTS.name, RECEIPTS.name, 'presence'],
  [LIKES.name, 'viewers', 'presence', 'typing'],
];

/** One in so many viewers also watches members and the conversation. */
const WATCHES_MEMBERS_EVERY = 2;

/** What a viewer watches. */
export interface Interests {
  readonly channels: readonly string[];
  /** The sets of event types that it asks for, one a stream. */
  readonly events: readonly (readonly string[] | undefined)[];
}

/** Draws some videos, and sometimes members and the conversation, too. */
export function drawInterests(random: Seeded): Interests {
  const videos = VIDEOS.filter(() => random.once(2)).map(channelOf);
  if (videos.length === 0) videos.push(channelOf('a'));
  if (!random.once(WATCHES_MEMBERS_EVERY)) return { channels: videos, events: EVENTS };
  const members = MEMBERS.filter(() => random.once(3)).map(presenceOf);
  return { channels: [...videos, ...members, CONVERSATION], events: EVENTS_OF_MEMBERS };
}
