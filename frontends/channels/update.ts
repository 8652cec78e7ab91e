import { idIn } from '../../schemas/channels';
import type { Seen } from '../../schemas/event-type';
import { type Frame, frameOf } from '../../schemas/frame';
import type { Place } from '../../schemas/place';
import { type Comparison, compareSeen } from './compare-seen';
import type { FeedState } from './feed-state';
import { eventLines, withId } from './frames';
import type { SeenState, SentState } from './sent-state';
import type { Times } from './times';

/** The most bytes of a frame with several blocks; the blocks after them are in the next frame. */
export const MAX_FRAME_BYTES = 32 * 1024;

/** The most entries of one feed that a viewer of one channel is sent at once. */
const MAX_ENTRIES_AT_ONCE = 50;

const NEVER = Number.POSITIVE_INFINITY;

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
  options: UpdateOptions = {},
): Update {
  return new UpdateBuilder(target, seen, options).build();
}

/** Builds the update of one viewer, or that of all viewers at one state. */
class UpdateBuilder {
  private readonly blocks: Block[] = [];
  private readonly standings: Standing[] = [];
  private readonly times: number[] = [];
  /** By feed, what the viewer has seen once it has read the blocks so far. */
  private readonly reached: (Seen | undefined)[] = [];
  private isSnapshotDue = false;
  private isWaiting = false;
  /** Whether the viewer will have seen the target, and nothing else. */
  private isInStep = true;

  constructor(
    private readonly target: SentState,
    private readonly viewer: SeenState | undefined,
    private readonly options: UpdateOptions,
  ) {}

  build(): Update {
    const { blocks, target, times } = this;
    for (let at = 0; at < target.types.length; at++) this.compare(at);
    if (this.isSnapshotDue) this.addSnapshot();
    for (let at = 0; at < this.standings.length; at++) {
      if (this.standings[at] === 'behind') this.addNews(at);
    }
    const reached = this.isInStep ? target : { place: target.placeAt(this.reached) };
    return { blocks, isWaiting: this.isWaiting, reached, times };
  }

  private compare(at: number): void {
    const { target, viewer } = this;
    const feed = target.feeds[at];
    const ofSent = viewer?.feeds?.[at];
    const seen = viewer?.feeds ? ofSent?.seen : viewer?.place.get(target.types[at]?.name ?? '');
    const standing = this.standingIn(feed, seen, ofSent);
    this.standings.push(standing);
    this.times.push(standing === 'behind' && feed ? this.timeOf(at, feed) : NEVER);
    if (standing === 'unusable') this.isSnapshotDue = true;
    if (standing === 'ahead') this.isWaiting = true;
    if (standing === 'ahead' || (standing === 'unknown' && seen)) this.isInStep = false;
    this.reached.push(standing === 'same' ? feed?.seen : seen);
  }

  private standingIn(
    feed: FeedState | undefined,
    seen: Seen | undefined,
    ofSent: FeedState | undefined,
  ): Standing {
    if (!feed) return 'unknown';
    if (!seen) return 'unusable';
    if (ofSent) return ofSent === feed ? 'same' : 'behind';
    const comparison = compareSeen(seen, feed.seen);
    const mayWait = this.options.mayWait ?? true;
    return comparison === 'ahead' && !mayWait ? 'unusable' : comparison;
  }

  private timeOf(at: number, feed: FeedState): number {
    const missed = this.options.missedSince?.[at] ?? NEVER;
    return missed < NEVER ? missed : feed.oldestAt;
  }

  /** Adds the block with the fields of all feeds without a usable place. */
  private addSnapshot(): void {
    const { reached, standings, target } = this;
    const data: Record<string, unknown> = { channel: target.channel };
    const texts: Record<string, string> = {};
    for (const [at, feed] of target.feeds.entries()) {
      if (!feed || standings[at] !== 'unusable') continue;
      Object.assign(data, feed.type.policy.snapshot(feed.view));
      texts[feed.type.name] = feed.text;
      reached[at] = feed.seen;
    }
    this.add(eventLines('snapshot', { ...data, seen: texts }), undefined, 0);
  }

  /** Adds the events of one feed, each with the place that it reaches. */
  private addNews(at: number): void {
    const { reached, target, times } = this;
    const feed = target.feeds[at];
    let before = reached[at];
    if (!feed || !before) return;
    const { text, type, view } = feed;
    const { policy } = type;
    const news = policy.news(view, before, {
      oldestAt: times[at] ?? feed.oldestAt,
      seen: text,
      channelId: idIn(target.channel),
      maxEntries: MAX_ENTRIES_AT_ONCE,
    });
    for (const { data, event, reached: own } of news) {
      const after = own ?? feed.seen;
      reached[at] = after;
      const lines = eventLines(event, { channel: target.channel, ...data });
      this.add(lines, type.name, policy.count(view, before) - policy.count(view, after));
      before = after;
    }
    reached[at] = feed.seen;
  }

  private add(lines: string, type: string | undefined, entries: number): void {
    const place = this.target.placeAt(this.reached);
    this.blocks.push({ lines, place, type, entries });
  }
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
  const [only, second] = blocks;
  if (only && !second) {
    const frame = frameOf(withId(only.lines, idOf(only.place)));
    return [{ frame, blocks, place: only.place }];
  }
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
