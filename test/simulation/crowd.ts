import type { NewEntry } from '../../producers/acceptance';
import { uuidv7Time } from '../../schemas/ids';
import { drawBody, maybeOther, newMember } from './bodies';
import { type ClientRequest, Clients } from './clients';
import { commentSources } from './comment-sources';
import type { Datacenters } from './datacenters';
import type { Faults } from './fault-kinds';
import { drawInterests } from './interests';
import { drawId } from './like-ids';
import { Members } from './members';
import { MEMBERS } from './people';
import type { Seeded } from './seeded';
import type { Producer } from './site';
import { Talk } from './talk';
import { ATTRIBUTES, COMMENTS, LIKES, VOTES } from './types';
import { VIDEOS } from './videos';
import { SimulatedViewer } from './viewer';
import type { World } from './world';

const VIEWERS = 20;

/** Members that vote: few, so that each votes several times in one poll. */
const VOTERS = 12;

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

/** A like whose id has a time, in the past or the future. */
export interface TimedLike {
  readonly request: ClientRequest;
  readonly at: number;
}

/** Viewers, and members that like and vote: some twice, some with wrong clocks. */
export class Crowd {
  readonly viewers: SimulatedViewer[];
  readonly clients: Clients;
  readonly members: Members;
  /** What members write besides likes and votes. */
  readonly talk: Talk;
  private readonly random: Seeded;
  private readonly timed: TimedLike[] = [];

  constructor(
    private readonly all: Datacenters,
    private readonly faults: Faults,
    violation: (what: string) => void,
    trace: (line: string) => void,
  ) {
    this.random = all.random.fork();
    this.clients = new Clients(all, this.random.fork(), violation);
    this.talk = new Talk(all, this.random.fork(), this.clients);
    const random = this.random.fork();
    this.members = new Members({ all, faults, random, violation, viewers: () => this.viewers });
    const walks = this.random.fork();
    this.viewers = Array.from({ length: VIEWERS }, (_, at) => {
      const name = `viewer-${at}`;
      return new SimulatedViewer({
        name,
        ...drawInterests(this.random),
        memberId: MEMBERS[at % MEMBERS.length] ?? '',
        clock: all.clock,
        random: this.random.fork(),
        openFrontend: () => this.random.pick(all.worlds).openFrontend(),
        maySeeDoubles: all.worlds.length > 1,
        ...commentSources(all, walks),
        violation: (what) => violation(`${name}: ${what}`),
        shownOffline: (id, datacenter) => this.members.shownOffline(name, id, datacenter),
        shownTyping: (id, openMs) => this.members.shownTyping(name, id, openMs),
        trace,
      });
    });
  }

  connect(): void {
    for (const viewer of this.viewers) viewer.connect();
  }

  /** A viewer leaves a channel for a moment. */
  rejoin(): void {
    this.random.pick(this.viewers).rejoin();
  }

  /** A member likes once, or with copies at the same moment, soon, or much later. */
  like(): void {
    if (this.faults.has('future') && this.random.once(FUTURE_EVERY)) {
      this.likeAhead();
      return;
    }
    const id = drawId(this.random, this.now);
    const request = this.likeOf(this.random.pick(VIDEOS), id);
    const at = uuidv7Time(id ?? '');
    if (at !== undefined) this.timed.push({ request, at });
    this.clients.send(request);
    while (id !== undefined && this.random.once(3)) {
      this.clients.sendLater(this.copyMs(), maybeOther(this.random, request));
    }
  }

  /** A member votes, also again with any option: at the same moment, soon, or much later. */
  vote(): void {
    const member = `member-${this.random.below(VOTERS)}`;
    const request = this.voteOf(this.random.pick(VIDEOS), member);
    this.clients.send(request);
    while (this.random.once(2)) {
      this.clients.sendLater(this.copyMs(), maybeOther(this.random, request));
    }
  }

  /** Likes with this id at one datacenter now, and with any reaction at another one later. */
  likeInBoth(id: string, first: World, second: World, copyMs: number): void {
    this.sendToBoth(this.likeOf(this.random.pick(VIDEOS), id), first, second, copyMs);
  }

  /** A new member votes at one datacenter now, and for any option at another one later. */
  voteInBoth(first: World, second: World, copyMs: number): void {
    const request = this.voteOf(this.random.pick(VIDEOS), newMember(this.random));
    this.sendToBoth(request, first, second, copyMs);
  }

  /** Hundreds of members like or vote at the same time, in requests of one or a few entries. */
  flood(): void {
    const video = this.random.pick(VIDEOS);
    const votes = this.random.once(4);
    for (let left = MIN_FLOOD + this.random.below(MAX_FLOOD - MIN_FLOOD); left > 0; ) {
      const count = votes ? 1 : Math.min(left, 1 + this.random.below(MAX_BATCH));
      left -= count;
      this.all.clock.after(this.random.below(FLOOD_MS), () => {
        const { now } = this;
        const request = votes
          ? this.voteOf(video, newMember(this.random))
          : { ...this.likeOf(video, undefined), entries: this.newLikes(count, now) };
        this.clients.send(request);
      });
    }
  }

  /** A member likes this video and a new one votes, through producers of this datacenter. */
  likeAndVote(video: string, world: World): void {
    this.enter(LIKES.name, video, world);
    this.enter(VOTES.name, video, world);
  }

  /** One new entry of a type, in one record, through a producer of this datacenter. */
  enter(type: string, video: string, world: World): void {
    if (type === COMMENTS.name) this.talk.commentOnce(video, [world]);
    else if (type === ATTRIBUTES.name) this.talk.put(video, [world]);
    else this.enterCounted(type, video, world);
  }

  private enterCounted(type: string, video: string, world: World): void {
    const request =
      type === VOTES.name
        ? this.voteOf(video, newMember(this.random))
        : this.likeOf(video, drawId(this.random, this.now));
    this.clients.send(request, [world]);
  }

  /**
   * Sends this producer a like or a vote whose id needs a look-up, and ignores the answer. Sends
   * copies to any producer about `copiesMs` from now.
   */
  sendOld(producer: Producer, copiesMs: number): void {
    const video = this.random.pick(VIDEOS);
    const request = this.random.once(3)
      ? this.voteOf(video, newMember(this.random))
      : this.likeOf(video, `own-${this.random.entropy.secretId()}`);
    this.clients.sendOnce(request, producer);
    for (let copies = OLD_COPIES; copies > 0; copies--) {
      const spread = this.random.below(2 * OLD_COPIES_MS) - OLD_COPIES_MS;
      this.clients.sendLater(Math.max(0, copiesMs + spread), maybeOther(this.random, request));
    }
  }

  /** Picks one of the likes whose id has a time. */
  pickTimed(): TimedLike | undefined {
    return this.timed.length > 0 ? this.random.pick(this.timed) : undefined;
  }

  /** Sends a like again, now and soon. */
  repeat({ request }: TimedLike): void {
    this.clients.send(request);
    this.clients.sendLater(this.random.below(MIN_AHEAD_MS), request);
  }

  /** Sends a like whose id is from the future now, and again at about the id's own time. */
  private likeAhead(): void {
    const max = this.random.once(FAR_EVERY) ? MAX_AHEAD_MS : MAX_SOON_MS;
    const ahead = MIN_AHEAD_MS + this.random.below(max - MIN_AHEAD_MS);
    const at = this.now + ahead;
    const request = this.likeOf(this.random.pick(VIDEOS), this.random.entropy.timedId(at));
    this.timed.push({ request, at });
    this.clients.send(request);
    if (ahead > MAX_SOON_MS) return;
    const again = ahead + this.random.below(2 * MIN_AHEAD_MS) - MIN_AHEAD_MS;
    this.clients.sendLater(again, request);
  }

  private sendToBoth(request: ClientRequest, first: World, second: World, copyMs: number): void {
    this.clients.send(request, [first]);
    this.clients.sendLater(copyMs, maybeOther(this.random, request), [second]);
  }

  private likeOf(video: string, id: string | undefined): ClientRequest {
    const entries = [{ id, body: drawBody(this.random, LIKES.name) }];
    return { type: LIKES.name, video, memberId: 'member', entries };
  }

  private newLikes(count: number, now: number): NewEntry[] {
    return Array.from({ length: count }, () => ({
      id: this.random.entropy.timedId(now),
      body: drawBody(this.random, LIKES.name),
    }));
  }

  private voteOf(video: string, memberId: string): ClientRequest {
    return {
      type: VOTES.name,
      video,
      memberId,
      entries: [{ body: drawBody(this.random, VOTES.name) }],
    };
  }

  private copyMs(): number {
    return this.random.once(2) ? this.random.below(3) : this.random.below(MAX_LATE_MS);
  }

  private get now(): number {
    return Math.floor(this.all.clock.now());
  }
}
