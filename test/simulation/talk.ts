import type { AcceptResult } from '../../producers/acceptance';
import { compareMessageIds } from '../../schemas/receipts';
import type { ClientRequest, Clients } from './clients';
import { type CommentPlace, placeIn } from './comment-place';
import type { Datacenters } from './datacenters';
import { drawId } from './like-ids';
import { CONVERSATION, MEMBERS } from './people';
import type { Seeded } from './seeded';
import { ATTRIBUTES, COMMENTS, RECEIPTS } from './types';
import { channelOf, VIDEOS } from './videos';
import type { World } from './world';

/** The longest time between the first and later copies of a comment. */
const MAX_LATE_MS = 12_000;

/** A burst: the number of comments, and the time. */
const MIN_BURST = 12;
const MAX_BURST = 40;
const BURST_MS = 400;

/** Messages that a receipt may be older than the newest one. */
const MAX_OLDER = 20;

const NAMES = ['score', 'title', 'pinned'];

/** One in this many values is a removal. */
const REMOVED_EVERY = 6;

/** One of this many deletions names another member's comment, and must be refused. */
const FOREIGN_EVERY = 8;

/** One deletion is of one of so many of the newest comments. */
const NEWEST = 30;

/** One in so many deletions is of many comments of a video at once: more than a state keeps. */
const PURGE_EVERY = 12;
const MAX_PURGED = 20;

interface PostedComment {
  readonly video: string;
  readonly id: string;
  readonly memberId: string;
}

/** A value that was answered with success. */
export interface Put {
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly value: unknown;
  /** Of the copy that was answered: the log may have an earlier one. */
  readonly place: CommentPlace;
}

/** What members and a backend write besides likes and votes. */
export class Talk {
  /** By member, the ids of messages in their receipts, and the greatest one that was answered. */
  readonly receipts = new Map<string, { readonly posted: Set<string>; greatest: string }>();
  readonly puts: Put[] = [];
  /** The values that were sent, as JSON. */
  readonly values = new Set<string>();
  private readonly comments: PostedComment[] = [];
  private lastMessage = 90;
  private lastValue = 0;

  constructor(
    private readonly all: Pick<Datacenters, 'clock' | 'worlds'>,
    private readonly random: Seeded,
    private readonly clients: Clients,
  ) {
    clients.answeredTo((request, results) => this.note(request, results));
  }

  /** A member comments, also with copies at the same moment, soon, or much later. */
  comment(video = this.random.pick(VIDEOS)): void {
    const id = drawId(this.random, Math.floor(this.all.clock.now()));
    const requestOf = this.newComment(video, id);
    this.clients.send(requestOf());
    while (id !== undefined && this.random.once(3)) {
      const ms = this.random.once(2) ? this.random.below(3) : this.random.below(MAX_LATE_MS);
      this.clients.sendLater(ms, requestOf());
    }
  }

  /** A member comments once, through any of these datacenters. */
  commentOnce(video: string, worlds: readonly World[]): void {
    const id = drawId(this.random, Math.floor(this.all.clock.now()));
    this.clients.send(this.newComment(video, id)(), worlds);
  }

  /** Many members comment on one video. */
  burst(): void {
    const video = this.random.pick(VIDEOS);
    for (let left = MIN_BURST + this.random.below(MAX_BURST - MIN_BURST); left > 0; left--) {
      this.all.clock.after(this.random.below(BURST_MS), () => this.comment(video));
    }
  }

  /** A member deletes one of the newest comments, or members delete many of one video. */
  delete(): void {
    const newest = this.comments.slice(-NEWEST);
    if (newest.length === 0) return;
    const comment = this.random.pick(newest);
    if (this.random.once(PURGE_EVERY)) {
      this.purge(comment.video);
      return;
    }
    const isForeign = this.random.once(FOREIGN_EVERY);
    const memberId = isForeign ? 'somebody' : comment.memberId;
    this.clients.delete({ ...comment, memberId, isForeign });
  }

  /** A member has read a message: mostly the newest one. */
  receipt(): void {
    const memberId = this.random.pick(MEMBERS);
    const isOlder = this.random.once(3);
    const number = isOlder ? this.lastMessage - this.random.below(MAX_OLDER) : ++this.lastMessage;
    const messageId = String(number);
    this.receiptsOf(memberId).posted.add(messageId);
    const [, video = ''] = CONVERSATION.split(':');
    const entries = [{ body: { messageId } }];
    const request = { type: RECEIPTS.name, video, memberId, entries };
    this.clients.send(request);
    if (this.random.once(4)) this.clients.sendLater(this.random.below(MAX_LATE_MS), request);
  }

  /** A backend writes or removes a value, through any datacenter. */
  put(video = this.random.pick(VIDEOS), worlds = this.all.worlds): void {
    const name = this.random.pick(NAMES);
    const value = this.random.once(REMOVED_EVERY) ? null : `v${++this.lastValue}`;
    this.values.add(JSON.stringify(value));
    const entries = [{ body: { name, value, stamp: 0 } }];
    this.clients.send({ type: ATTRIBUTES.name, video, memberId: 'backend', entries }, worlds);
  }

  /** Makes requests of one new comment, each with a text of its own. */
  private newComment(video: string, id: string | undefined): () => ClientRequest {
    const memberId = this.random.pick(MEMBERS);
    if (id !== undefined) this.comments.push({ video, id, memberId });
    return () => {
      const body = { text: `text-${this.random.below(1_000_000)}` };
      return { type: COMMENTS.name, video, memberId, entries: [{ id, body }] };
    };
  }

  /** Deletes the newest comments of a video at the same time, through one datacenter. */
  private purge(video: string): void {
    const worlds = [this.random.pick(this.all.worlds)];
    const newest = this.comments.filter((comment) => comment.video === video).slice(-MAX_PURGED);
    for (const comment of newest) this.clients.delete({ ...comment, isForeign: false }, worlds);
  }

  private note({ type, video }: ClientRequest, results: readonly AcceptResult[]): void {
    for (const { entry } of results) {
      const { body, id, memberId, place } = entry;
      if (type === RECEIPTS.name) {
        const { messageId } = body as { messageId: string };
        const receipts = this.receiptsOf(memberId);
        if (compareMessageIds(messageId, receipts.greatest) > 0) receipts.greatest = messageId;
      }
      if (type === ATTRIBUTES.name) {
        const { name, value } = body as { name: string; value: unknown };
        this.puts.push({ id, channel: channelOf(video), name, value, place: placeIn(place) });
      }
    }
  }

  private receiptsOf(memberId: string) {
    const found = this.receipts.get(memberId) ?? { posted: new Set<string>(), greatest: '' };
    this.receipts.set(memberId, found);
    return found;
  }
}
