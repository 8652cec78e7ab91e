import type { EventType, Seen } from '../../schemas/event-type';
import { type Frame, frameOf } from '../../schemas/frame';
import type { Place } from '../../schemas/place';
import { type Comparison, compareSeen } from './compare-seen';
import type { FeedState } from './feed-state';
import { eventLines, withId } from './frames';
import type { SeenState, SentState } from './sent-state';
import type { Times } from './times';

/** The most bytes of a frame with several blocks; the blocks after them are in the next frame. */
export const MAX_FRAME_BYTES = 32 * 1024;

/** One event, and what a viewer has seen once it has read it. */
export interface Block {
  /** The event without its id. */
  readonly lines: string;
  readonly place: Place;
  /** The name of the event type; undefined for a snapshot. */
  readonly type: string | undefined;
  /** The number of entries in it, for metrics; negative after a cancel. */
  readonly entries: number;
}

/** The events that update a viewer to a sent state. */
export interface Update {
  readonly blocks: readonly Block[];
  /** What the viewer has seen once it has read all blocks: the sent state if it is in step. */
  readonly reached: SeenState;
  /** Whether the viewer has seen a newer state of a feed, which the worker lacks. */
  readonly isWaiting: boolean;
  /** By feed, the time of the oldest entry in these events, ms since the epoch; or infinite. */
  readonly times: Times;
}

export interface UpdateOptions {
  /** By feed, the time of the oldest entry that the viewer was not sent, where it is known. */
  readonly missedSince?: Times | undefined;
  /** Whether a feed that is ahead is left out; else it is in the snapshot. */
  readonly mayWait?: boolean;
}

/** A viewer's standing in a feed; `unknown` if the worker has no state of the feed yet. */
type Standing = Comparison | 'unknown';

/**
 * The events from what a viewer has seen to a sent state: first one snapshot of the feeds of which
 * it has no usable place, then the news of each other feed, in the order of the types.
 */
export function updateOf(
  target: SentState,
  seen: SeenState | undefined,
  { mayWait = true, missedSince }: UpdateOptions = {},
): Update {
  const standings = target.types.map((type, at) => standingIn(type, target, seen, at, mayWait));
  const times = target.feeds.map((feed, at) => {
    if (!feed || standings[at] !== 'behind') return Number.POSITIVE_INFINITY;
    const missed = missedSince?.[at] ?? Number.POSITIVE_INFINITY;
    return missed < Number.POSITIVE_INFINITY ? missed : feed.oldestAt;
  });
  const reached = target.types.map(({ name }, at) => {
    if (standings[at] === 'unusable') return undefined;
    return standings[at] === 'same' ? target.feeds[at]?.seen : seen?.place.get(name);
  });
  const blocks = snapshotOf(target, standings, reached);
  for (const [at, feed] of target.feeds.entries()) {
    if (feed && standings[at] === 'behind') addNews(blocks, { target, feed, at, reached, times });
  }
  const isWaiting = standings.includes('ahead');
  const isInStep = !isWaiting && target.feeds.every((feed, at) => feed || !reached[at]);
  return {
    ...{ blocks, isWaiting, times },
    reached: isInStep ? target : { place: target.placeAt(reached) },
  };
}

function standingIn(
  { name, policy }: EventType,
  target: SentState,
  viewer: SeenState | undefined,
  at: number,
  mayWait: boolean,
): Standing {
  const feed = target.feeds[at];
  const seen = viewer?.place.get(name);
  if (!feed) return 'unknown';
  if (!seen) return 'unusable';
  if (viewer?.feeds) return viewer.feeds[at] === feed ? 'same' : 'behind';
  const comparison = compareSeen(policy, seen, feed.seen);
  return comparison === 'ahead' && !mayWait ? 'unusable' : comparison;
}

/** The block with the fields of all feeds without a usable place, if there are any. */
function snapshotOf(
  target: SentState,
  standings: readonly Standing[],
  reached: (Seen | undefined)[],
): Block[] {
  const data: Record<string, unknown> = { channel: target.channel };
  const texts: Record<string, string> = {};
  for (const [at, feed] of target.feeds.entries()) {
    if (!feed || standings[at] !== 'unusable') continue;
    Object.assign(data, feed.type.policy.snapshot(feed.view));
    texts[feed.type.name] = feed.text;
    reached[at] = feed.seen;
  }
  if (Object.keys(texts).length === 0) return [];
  const lines = eventLines('snapshot', { ...data, seen: texts });
  return [{ lines, place: target.placeAt(reached), type: undefined, entries: 0 }];
}

interface NewsOptions {
  readonly target: SentState;
  readonly feed: FeedState;
  readonly at: number;
  readonly reached: (Seen | undefined)[];
  readonly times: Times;
}

/** Adds the events of one feed, each with the place that it reaches. */
function addNews(blocks: Block[], { at, feed, reached, target, times }: NewsOptions): void {
  const { text, type, view } = feed;
  const { name, policy } = type;
  let before = reached[at];
  if (!before) return;
  const news = policy.news(view, before, { oldestAt: times[at] ?? feed.oldestAt, seen: text });
  for (const { data, event, reached: own } of news) {
    const after = own ?? feed.seen;
    reached[at] = after;
    const lines = eventLines(event, { channel: target.channel, ...data });
    const entries = policy.count(view, before) - policy.count(view, after);
    blocks.push({ lines, place: target.placeAt(reached), type: name, entries });
    before = after;
  }
  reached[at] = feed.seen;
}

/** Some blocks as one frame. */
export interface Part {
  readonly frame: Frame;
  readonly blocks: readonly Block[];
  /** What a viewer has seen once it has read the frame. */
  readonly place: Place;
}

/**
 * Encodes blocks as frames, each block with the id of the place that it reaches. A frame has at
 * least one block, and no other one beyond `MAX_FRAME_BYTES`.
 */
export function partsOf(blocks: readonly Block[], idOf: (place: Place) => string): Part[] {
  const parts: Part[] = [];
  let [text, bytes, from] = ['', 0, 0];
  const end = (to: number): void => {
    const last = blocks[to - 1];
    if (!last || to === from) return;
    parts.push({ frame: frameOf(text), blocks: blocks.slice(from, to), place: last.place });
    [text, bytes, from] = ['', 0, to];
  };
  for (const [at, { lines, place }] of blocks.entries()) {
    const event = withId(lines, idOf(place));
    const more = Buffer.byteLength(event);
    if (bytes + more > MAX_FRAME_BYTES) end(at);
    text += event;
    bytes += more;
  }
  end(blocks.length);
  return parts;
}
