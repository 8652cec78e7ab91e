import { z } from 'zod';
import { type PageQuery, parsePageQuery } from '../../producers/history-query';
import type { Seen } from '../../schemas/event-type';
import { vectorText } from '../../schemas/place';
import { CommentFeed, type WalkedComment } from './comment-feed';
import { placeIn } from './comment-place';

const COMMENTS = 'comments';

const shownComment = z.looseObject({ commentId: z.string(), place: z.string() });
const event = z.looseObject({
  channel: z.string(),
  commentId: z.string().optional(),
  place: z.string().optional(),
  comments: z.array(shownComment).optional(),
  missed: z.string().optional(),
  history: z.string().optional(),
});

/** Reads all pages from a query on, as a client does. */
export type WalkPages = (channel: string, query: PageQuery) => Promise<readonly WalkedComment[]>;

export interface CommentChecksOptions {
  /** Whether a deleted comment may be shown once more: several logs may have it. */
  readonly maySeeDoubles: boolean;
  /** Follows the link of a gap. */
  readonly walk: WalkPages;
  /** The present end of an origin's log in the partition of a channel. */
  readonly endOf: (channel: string, origin: string) => number;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
}

/** Checks the events of comments of one viewer. */
export class CommentChecks {
  /** By channel, since the last snapshot. */
  readonly feeds = new Map<string, CommentFeed>();
  /** Snapshots of feeds of which it had one, and which it has asked for since then. */
  repeatedSnapshots = 0;
  /** The gaps that it was sent. */
  gaps = 0;
  isAsked = true;
  private readonly dropped = new Set<string>();

  constructor(private readonly options: CommentChecksOptions) {}

  /** Notes the event types of the next stream; all if not given. */
  ask(events: readonly string[] | undefined): void {
    this.isAsked = events?.includes(COMMENTS) ?? true;
    if (!this.isAsked) for (const channel of this.feeds.keys()) this.dropped.add(channel);
  }

  /** Checks an event by its name and data; `place`: what its id says of the channel's comments. */
  check(name: string, text: string, place: Seen | undefined): void {
    const parsed = event.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { data } = parsed;
    const { channel } = data;
    const isOurs = name.startsWith('comment') || data.comments || data.missed === COMMENTS;
    if (isOurs && !this.isAsked) this.violation(channel, 'not asked for');
    if (name === 'snapshot' && data.comments) {
      this.begin(channel, data.comments, place);
      return;
    }
    const feed = this.feeds.get(channel);
    if (!feed) {
      if (isOurs) this.violation(channel, `${name} before the snapshot`);
      return;
    }
    // It has resumed from a place that it had kept.
    if (isOurs) this.dropped.delete(channel);
    if (name === 'comment') this.add(feed, channel, data);
    else if (name === 'comment_deleted') feed.delete(data.commentId ?? '');
    else if (name === 'gap' && data.missed === COMMENTS) this.follow(feed, channel, data.history);
    if (place && this.isAsked && !this.dropped.has(channel)) feed.reach(place.versions);
  }

  private begin(
    channel: string,
    shown: readonly z.infer<typeof shownComment>[],
    place: Seen | undefined,
  ): void {
    if (!place) {
      this.violation(channel, 'a snapshot without a place');
      return;
    }
    if (this.feeds.has(channel) && !this.dropped.has(channel)) this.repeatedSnapshots += 1;
    this.dropped.delete(channel);
    const { versions: start } = place;
    const all = shown.map((each) => [each.commentId, placeIn(each.place)] as const);
    for (const [id, { offset, origin }] of all) {
      if (offset > (start.get(origin) ?? -1)) this.violation(channel, `${id} is too new`);
    }
    const violation = (what: string): void => this.violation(channel, what);
    const endOf = (origin: string): number => this.options.endOf(channel, origin);
    this.feeds.set(channel, new CommentFeed({ start, shown: all, endOf, violation }));
  }

  private add(feed: CommentFeed, channel: string, data: z.infer<typeof event>): void {
    const { commentId = '', place = '' } = data;
    if (feed.deleted.has(commentId) && !this.options.maySeeDoubles) {
      this.violation(channel, `${commentId} was deleted and is shown again`);
    }
    feed.add(commentId, placeIn(place));
  }

  private follow(feed: CommentFeed, channel: string, link = ''): void {
    this.gaps += 1;
    const query = queryIn(channel, link);
    if (!query?.upTo || !query.after) {
      this.violation(channel, `a gap with ${link}`);
      return;
    }
    const { after, upTo } = query;
    // A place moves on without an event if there is nothing to show.
    const isBefore = [...feed.seen].some(([origin, seen]) => (after.get(origin) ?? -1) < seen);
    if (isBefore) {
      this.violation(channel, `a gap after ${vectorText(after)}, seen ${vectorText(feed.seen)}`);
    }
    feed.noteGap(after, upTo);
    feed.openWalks += 1;
    void this.options.walk(channel, query).then((found) => {
      feed.openWalks -= 1;
      feed.addFound(found, upTo);
    });
  }

  private violation(channel: string, what: string): void {
    this.options.violation(`comments of ${channel}: ${what}`);
  }
}

/** The query of a link to a history; undefined if it is not one of the channel. */
function queryIn(channel: string, link: string): PageQuery | undefined {
  const [path, query = ''] = link.split('?');
  const [kind, id] = channel.split(':');
  if (path !== `/${kind}s/${id}/${COMMENTS}`) return undefined;
  return parsePageQuery(Object.fromEntries(new URLSearchParams(query)));
}
