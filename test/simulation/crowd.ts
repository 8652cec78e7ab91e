import { LikestreamError } from '../../schemas/errors';
import { uuidv7Time } from '../../schemas/ids';
import type { Datacenters } from './datacenters';
import type { Faults } from './fault-kinds';
import { drawId } from './like-ids';
import type { Seeded } from './seeded';
import type { Producer } from './site';
import { channelOf, VIDEOS } from './videos';
import { SimulatedViewer } from './viewer';
import type { World } from './world';

const VIEWERS = 20;
const REACTIONS = ['like', 'love', 'funny'];

/** A page retries for longer than a store is blocked. */
const MAX_TRIES = 20;
const RETRY_MS = 250;

/** A client without an answer for this time sends the same likes again, to any producer. */
const CLIENT_TIMEOUT_MS = 2_000;

/** The time between the first and later copies of an id: half the window, or much longer. */
const MAX_LATE_MS = 12_000;

/** A flood: the number of likes of one video, the time, and the most likes in one request. */
const MIN_FLOOD = 80;
const MAX_FLOOD = 240;
const FLOOD_MS = 300;
const MAX_BATCH = 8;

/** Copies of a like whose producer died: their number, and their distance from the given time. */
const OLD_COPIES = 4;
const OLD_COPIES_MS = 400;

/** Ids from the future: most of their times are within the run, some much later. */
const FUTURE_EVERY = 12;
const MIN_AHEAD_MS = 2_000;
const MAX_SOON_MS = 12_000;
const MAX_AHEAD_MS = 4_140_000;
const FAR_EVERY = 4;

interface Asked {
  readonly likeId: string | undefined;
  readonly reaction: string;
}

/** A like whose id has a time, in the past or the future. */
export interface TimedLike {
  readonly video: string;
  readonly asked: Asked;
  readonly at: number;
}

/** Viewers, and members that like: some twice, some with wrong clocks. */
export class Crowd {
  readonly viewers: SimulatedViewer[];
  /** Each id that was answered with success, by channel. */
  readonly answered = new Map<string, Set<string>>();
  /** The time of the last copy of a like, by the monotonic clock. */
  lastSentAt = 0;
  private readonly random: Seeded;
  private readonly timed: TimedLike[] = [];

  constructor(
    private readonly all: Datacenters,
    private readonly faults: Faults,
    violation: (what: string) => void,
    trace: (line: string) => void,
  ) {
    this.random = all.random.fork();
    this.viewers = Array.from({ length: VIEWERS }, (_, at) => {
      const channels = VIDEOS.filter(() => this.random.once(2)).map(channelOf);
      return new SimulatedViewer({
        name: `viewer-${at}`,
        channels: channels.length > 0 ? channels : [channelOf('a')],
        clock: all.clock,
        random: this.random.fork(),
        openFrontend: () => this.random.pick(all.worlds).openFrontend(),
        maySeeDoubles: all.worlds.length > 1,
        violation: (what) => violation(`viewer-${at}: ${what}`),
        trace,
      });
    });
  }

  connect(): void {
    for (const viewer of this.viewers) viewer.connect();
  }

  /** A member likes once, or with copies at the same moment, soon, or much later. */
  like(): void {
    if (this.faults.has('future') && this.random.once(FUTURE_EVERY)) {
      this.likeAhead();
      return;
    }
    const video = this.random.pick(VIDEOS);
    const asked = { likeId: drawId(this.random, this.now), reaction: this.random.pick(REACTIONS) };
    const at = uuidv7Time(asked.likeId ?? '');
    if (at !== undefined) this.timed.push({ video, asked, at });
    this.send(video, [asked]);
    while (asked.likeId !== undefined && this.random.once(3)) {
      const late = this.random.once(2) ? this.random.below(3) : this.random.below(MAX_LATE_MS);
      this.sendLater(late, video, [this.maybeOther(asked)]);
    }
  }

  /** Likes with this id at one datacenter now, and with any reaction at another one later. */
  likeInBoth(likeId: string, first: World, second: World, copyMs: number): void {
    const video = this.random.pick(VIDEOS);
    const asked = { likeId, reaction: this.random.pick(REACTIONS) };
    void this.post(video, [asked], MAX_TRIES, [first]);
    this.later(copyMs, () => this.post(video, [this.maybeOther(asked)], MAX_TRIES, [second]));
  }

  /** Hundreds of members like one video at the same time, in requests of one or a few likes. */
  flood(): void {
    const video = this.random.pick(VIDEOS);
    for (let left = MIN_FLOOD + this.random.below(MAX_FLOOD - MIN_FLOOD); left > 0; ) {
      const count = Math.min(left, 1 + this.random.below(MAX_BATCH));
      left -= count;
      this.all.clock.after(this.random.below(FLOOD_MS), () => {
        const { now } = this;
        const batch = Array.from({ length: count }, () => ({
          likeId: this.random.entropy.timedId(now),
          reaction: this.random.pick(REACTIONS),
        }));
        this.send(video, batch);
      });
    }
  }

  /** A member likes this video, through a producer of this datacenter. */
  likeVideo(video: string, world: World): void {
    const asked = { likeId: drawId(this.random, this.now), reaction: this.random.pick(REACTIONS) };
    void this.post(video, [asked], MAX_TRIES, [world]);
  }

  /**
   * Sends this producer a like whose id needs a look-up, and ignores the answer. Sends copies to
   * any producer about `copiesMs` from now.
   */
  likeOld(producer: Producer, copiesMs: number): void {
    const video = this.random.pick(VIDEOS);
    const likeId = `own-${this.random.entropy.secretId()}`;
    const asked = { likeId, reaction: this.random.pick(REACTIONS) };
    producer.process
      .within(() => producer.acceptance.accept(video, 'member', [asked]))
      .catch(() => undefined);
    for (let copies = OLD_COPIES; copies > 0; copies--) {
      const spread = this.random.below(2 * OLD_COPIES_MS) - OLD_COPIES_MS;
      this.sendLater(Math.max(0, copiesMs + spread), video, [this.maybeOther(asked)]);
    }
  }

  /** Picks one of the likes whose id has a time. */
  pickTimed(): TimedLike | undefined {
    return this.timed.length > 0 ? this.random.pick(this.timed) : undefined;
  }

  /** Sends a like again, now and soon. */
  repeat({ asked, video }: TimedLike): void {
    this.send(video, [asked]);
    this.sendLater(this.random.below(MIN_AHEAD_MS), video, [asked]);
  }

  /** Sends a like whose id is from the future now, and again at about the id's own time. */
  private likeAhead(): void {
    const max = this.random.once(FAR_EVERY) ? MAX_AHEAD_MS : MAX_SOON_MS;
    const ahead = MIN_AHEAD_MS + this.random.below(max - MIN_AHEAD_MS);
    const video = this.random.pick(VIDEOS);
    const at = this.now + ahead;
    const likeId = this.random.entropy.timedId(at);
    const asked = { likeId, reaction: this.random.pick(REACTIONS) };
    this.timed.push({ video, asked, at });
    this.send(video, [asked]);
    if (ahead > MAX_SOON_MS) return;
    const again = ahead + this.random.below(2 * MIN_AHEAD_MS) - MIN_AHEAD_MS;
    this.sendLater(again, video, [asked]);
  }

  /** The same id, in half of the cases with a random reaction. */
  private maybeOther(asked: Asked): Asked {
    return this.random.once(2) ? asked : { ...asked, reaction: this.random.pick(REACTIONS) };
  }

  private get now(): number {
    return Math.floor(this.all.clock.now());
  }

  private send(video: string, asked: readonly Asked[]): void {
    void this.post(video, asked, MAX_TRIES, this.all.worlds);
  }

  private sendLater(ms: number, video: string, asked: readonly Asked[]): void {
    this.lastSentAt = Math.max(this.lastSentAt, this.all.clock.monotonic() + ms);
    this.all.clock.after(ms, () => this.send(video, asked));
  }

  private async post(
    video: string,
    asked: readonly Asked[],
    tries: number,
    worlds: readonly World[],
  ): Promise<void> {
    const { acceptance, process } = this.random.pick(this.random.pick(worlds).producers);
    const again = (): void => {
      if (tries > 1) this.later(RETRY_MS, () => this.post(video, asked, tries - 1, worlds));
    };
    if (!process.runs) return again();
    const timer = this.all.clock.after(CLIENT_TIMEOUT_MS, again);
    try {
      const taken = await process.within(() => acceptance.accept(video, 'member', asked));
      timer.cancel();
      for (const { like } of taken) this.answeredOf(channelOf(video)).add(like.likeId);
    } catch (error) {
      timer.cancel();
      if (error instanceof LikestreamError && error.retriable) again();
    }
  }

  private later(ms: number, task: () => Promise<void>): void {
    this.all.clock.after(ms, () => void task());
  }

  private answeredOf(channel: string): Set<string> {
    const ids = this.answered.get(channel) ?? new Set();
    this.answered.set(channel, ids);
    return ids;
  }
}
