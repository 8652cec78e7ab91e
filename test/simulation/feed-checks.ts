import { z } from 'zod';
import type { Seen } from '../../schemas/event-type';
import { channelKey, type Places, vectorText } from '../../schemas/place';
import { CellChecks, type CellChecksOptions } from './cell-checks';
import { CommentChecks, type CommentChecksOptions } from './comment-checks';
import { type Shown, type ShownFields, shownIn, stepsBack, sumIn, VIEWS } from './shown';
import { feedOf } from './videos';

const event = z.looseObject({
  channel: z.string().optional(),
  new: z.int().optional(),
});

export interface FeedChecksOptions extends CommentChecksOptions, CellChecksOptions {
  readonly channels: readonly string[];
  /** Whether totals may step back: an id was accepted in two datacenters. */
  readonly maySeeDoubles: boolean;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
}

/** What the stream of an event has besides it. */
export interface EventContext {
  /** The places in the event's id. */
  readonly places: Places | undefined;
  readonly isLeft: (channel: string) => boolean;
}

/** Checks each event of one viewer against those before. */
export class FeedChecks {
  /** The last event of each feed. */
  readonly shown = new Map<string, Shown>();
  private repeated = 0;
  readonly comments: CommentChecks;
  readonly cells: CellChecks;
  private views: readonly ShownFields[] = VIEWS;
  /** Feeds that were shown before, in a stream that was followed by one without them. */
  private readonly dropped = new Set<string>();

  constructor(private readonly options: FeedChecksOptions) {
    this.comments = new CommentChecks(options);
    this.cells = new CellChecks(options);
  }

  /** Notes the event types of the next stream; all if not given. */
  ask(events: readonly string[] | undefined): void {
    this.views = VIEWS.filter(({ type }) => events?.includes(type) ?? true);
    for (const feed of this.shown.keys()) if (!this.asked.includes(feed)) this.dropped.add(feed);
    this.comments.ask(events);
    this.cells.ask(events);
  }

  /** Snapshots of feeds of which it had one, and which it has asked for since then. */
  get repeatedSnapshots(): number {
    return this.repeated + this.comments.repeatedSnapshots + this.cells.repeatedSnapshots;
  }

  /** The feeds that it asks for. */
  get asked(): string[] {
    const { channels } = this.options;
    const videos = channels.filter((channel) => channel.startsWith('video:'));
    return videos.flatMap((channel) => this.views.map(({ type }) => feedOf(channel, type)));
  }

  /** Checks an event by its name and data. */
  check(name: string, text: string, { isLeft, places }: EventContext): void {
    const data = event.parse(JSON.parse(text));
    const { channel, new: news = Number.NaN } = data;
    if (channel === undefined) return;
    if (isLeft(channel)) this.options.violation(`${name} of ${channel}, which was left`);
    const place = places?.get(channelKey(channel));
    this.comments.check(name, text, place?.get('comments'));
    this.cells.check(name, text);
    for (const view of VIEWS) {
      const shown = shownIn(data, view);
      if (!shown) continue;
      const feed = feedOf(channel, view.type);
      this.checkPlace(feed, shown, place?.get(view.type));
      if (!this.views.includes(view)) this.options.violation(`${feed} was not asked for`);
      if (name === 'snapshot') this.addSnapshot(feed, shown);
      else if (name === view.type) this.addNews(feed, shown, news);
      else this.options.violation(`${name} with fields of ${feed}`);
    }
  }

  /** The id of an event has the place that a viewer reaches by it. */
  private checkPlace(feed: string, { seen, total }: Shown, place: Seen | undefined): void {
    if (place?.total === total && vectorText(place.versions) === seen) return;
    this.options.violation(`the id of ${feed} has not the place ${total}:${seen}`);
  }

  private addNews(feed: string, shown: Shown, news: number): void {
    const { maySeeDoubles, violation } = this.options;
    const before = this.shown.get(feed);
    const { seen, total } = shown;
    this.show(feed, shown);
    if (!before) violation(`news of ${feed} before its snapshot`);
    else if (before.total + news !== total)
      violation(`${feed}: ${before.total} + ${news} is not ${total}`);
    else if (stepsBack(before.seen, seen)) violation(`${feed}: ${seen} is after ${before.seen}`);
    else if (total < before.total && !maySeeDoubles) violation(`${feed} steps back to ${total}`);
  }

  private addSnapshot(feed: string, shown: Shown): void {
    if (this.shown.has(feed) && !this.dropped.has(feed)) this.repeated += 1;
    this.show(feed, shown);
  }

  private show(feed: string, shown: Shown): void {
    this.shown.set(feed, shown);
    this.dropped.delete(feed);
    const { counts, total } = shown;
    if (sumIn(counts) === total) return;
    this.options.violation(`${feed}: ${JSON.stringify(counts)} do not add up to ${total}`);
  }
}
