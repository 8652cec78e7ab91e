import { idIn } from '../../schemas/channels';
import type { LoggedType, News, Seen } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import { type Comparison, compareSeen } from './compare-seen';
import type { FeedState } from './feed-state';
import { eventLines, linesOf } from './frames';
import type { Block } from './parts';
import { PartlySeen, type SeenState, type SentState } from './sent-state';
import { snapshotsOf } from './snapshot-fields';
import type { Times } from './times';

/** The most entries of one feed that a viewer of one channel is sent at once. */
export const MAX_ENTRIES_AT_ONCE = 50;

/** The same of a viewer of several channels. */
export const MAX_ENTRIES_OF_SEVERAL = 10;

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: Seen = { total: 0, versions: new Map() };

/** The events that update a viewer to a sent state. */
export interface Update {
  readonly blocks: readonly Block[];
  /** What the viewer has seen once it has read all blocks: the sent state if it is in step. */
  readonly reached: SeenState;
  /** Whether the viewer has seen a newer state of a feed, which the worker lacks. */
  readonly isWaiting: boolean;
  /** By feed, the time of the oldest entry in these events, ms since the epoch; or infinite. */
  readonly times: Times;
  /** The members who are not sent all blocks (`Block.exceptMember`); undefined if none. */
  readonly exceptMembers: ReadonlySet<string> | undefined;
}

export interface UpdateOptions {
  /** By feed, the time of the oldest entry that the viewer was not sent, where it is known. */
  readonly missedSince?: Times | undefined;
  /** Whether a feed that is ahead is left out, as if not given; else it is in the snapshot. */
  readonly mayWait?: (type: LoggedType) => boolean;
  /** The most entries of one feed; `MAX_ENTRIES_AT_ONCE` if not given. */
  readonly maxEntries?: number | undefined;
  /** The viewer, whose own moments a snapshot leaves out; undefined for all viewers. */
  readonly memberId?: string | undefined;
}

/** A viewer's standing in a feed; `unknown` if the worker has no state of the feed yet. */
type Standing = Comparison | 'unknown';

/**
 * The events from what a viewer has seen to a sent state: first one snapshot of the feeds of which
 * it has no usable place, then the news of each other feed, in the order of the types. Feeds that
 * are in no place are in the snapshot of a viewer that has seen nothing; any other viewer is sent
 * them as news, unless it is known to have seen them.
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
  /** The block after these. */
  private block: Omit<Block, 'seen'> | undefined;
  private readonly standings: Standing[] = [];
  private readonly times: number[] = [];
  /** By feed with places, what the viewer has seen once it has read the blocks so far. */
  private readonly reached: (Seen | undefined)[] = [];
  /** The same of each feed that is in no place. */
  private readonly shown: (FeedState | undefined)[] = [];
  private exceptMembers: Set<string> | undefined;
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
    const { target, times } = this;
    for (let at = 0; at < target.types.length; at++) this.compare(at);
    if (this.isSnapshotDue) this.addSnapshots();
    for (let at = 0; at < this.standings.length; at++) {
      if (this.standings[at] === 'behind') this.addNews(at);
    }
    const { blocks, exceptMembers, isWaiting } = this;
    const reached = this.isInStep ? target : this.seenNow();
    this.endBlock(reached);
    return { blocks, exceptMembers, isWaiting, reached, times };
  }

  private compare(at: number): void {
    const { target, viewer } = this;
    const [feed, type] = [target.feeds[at], target.types[at]];
    const isPlaced = type !== undefined && isLogged(type);
    const ofSent = isPlaced ? viewer?.feeds?.[at] : undefined;
    const ofPlace = isPlaced && !viewer?.feeds ? viewer?.place.get(type.name) : undefined;
    const seen = ofSent?.seen ?? ofPlace;
    const standing = isPlaced
      ? this.standingIn(type, feed, seen, ofSent)
      : this.standingOf(feed, viewer?.shown?.[at]);
    this.standings.push(standing);
    this.times.push(standing === 'behind' && feed ? this.timeOf(at, feed) : NEVER);
    if (standing === 'unusable') this.isSnapshotDue = true;
    if (standing === 'ahead') this.isWaiting = true;
    if (standing === 'ahead' || (standing === 'unknown' && seen)) this.isInStep = false;
    this.reached.push(standing === 'same' && isPlaced ? feed?.seen : seen);
    this.shown.push(isPlaced ? undefined : viewer?.shown?.[at]);
  }

  private standingIn(
    type: LoggedType,
    feed: FeedState | undefined,
    seen: Seen | undefined,
    ofSent: FeedState | undefined,
  ): Standing {
    if (!feed) return 'unknown';
    if (!seen) return 'unusable';
    if (ofSent) return ofSent === feed ? 'same' : 'behind';
    const comparison = compareSeen(seen, feed.seen);
    const mayWait = this.options.mayWait?.(type) ?? true;
    return comparison === 'ahead' && !mayWait ? 'unusable' : comparison;
  }

  /** The standing in a feed that is in no place. */
  private standingOf(feed: FeedState | undefined, shown: FeedState | undefined): Standing {
    if (!feed) return 'unknown';
    if (!this.viewer) return 'unusable';
    return shown === feed ? 'same' : 'behind';
  }

  private timeOf(at: number, feed: FeedState): number {
    const missed = this.options.missedSince?.[at] ?? NEVER;
    return missed < NEVER ? missed : feed.oldestAt;
  }

  /** Adds the blocks with the fields of all feeds without a usable place: usually one. */
  private addSnapshots(): void {
    const { standings, target } = this;
    const due = target.feeds.filter((_feed, at) => standings[at] === 'unusable');
    const feeds = due.filter((feed) => feed !== undefined);
    for (const { feeds: some, json } of snapshotsOf(target.channel, feeds, this.options.memberId)) {
      this.endBlock();
      for (const feed of some) this.setSeen(target.feeds.indexOf(feed), feed);
      this.add(linesOf('snapshot', json), undefined, 0);
    }
  }

  /** Adds the events of one feed, each with the place that it reaches. */
  private addNews(at: number): void {
    const { options, reached, shown, target, times } = this;
    const feed = target.feeds[at];
    if (!feed) return;
    const { text, type, view } = feed;
    const before = feed.isPlaced ? reached[at] : shown[at]?.seen;
    const news = type.policy.news(view, before ?? NOTHING, {
      oldestAt: times[at] ?? feed.oldestAt,
      seen: text,
      channelId: idIn(target.channel),
      maxEntries: options.maxEntries ?? MAX_ENTRIES_AT_ONCE,
    });
    let left = type.policy.count(view, before ?? NOTHING);
    for (const one of news) {
      this.endBlock();
      if (feed.isPlaced) reached[at] = one.reached ?? feed.seen;
      const after = one.reached ? type.policy.count(view, one.reached) : 0;
      this.addEvent(one, type.name, one.event === 'gap' ? 0 : left - after);
      left = after;
    }
    this.setSeen(at, feed);
  }

  private addEvent({ data, event, exceptMember }: News, type: string, entries: number): void {
    const lines = eventLines(event, { channel: this.target.channel, ...data });
    this.add(lines, type, entries, exceptMember);
    if (exceptMember === undefined) return;
    this.exceptMembers ??= new Set();
    this.exceptMembers.add(exceptMember);
  }

  private add(
    lines: string,
    type: string | undefined,
    entries: number,
    exceptMember?: string,
  ): void {
    this.block = { lines, type, entries, exceptMember };
  }

  /** Ends the block that was added last, before what the viewer has seen changes again. */
  private endBlock(seen?: SeenState): void {
    if (!this.block) return;
    const { entries, exceptMember, lines, type } = this.block;
    this.blocks.push({ lines, seen: seen ?? this.seenNow(), type, entries, exceptMember });
    this.block = undefined;
  }

  private setSeen(at: number, feed: FeedState): void {
    if (feed.isPlaced) this.reached[at] = feed.seen;
    else this.shown[at] = feed;
  }

  private seenNow(): SeenState {
    return new PartlySeen(this.target.types, [...this.reached], [...this.shown]);
  }
}
