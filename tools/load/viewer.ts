import { type CommentMessage, CommentTrail, isComment } from './comments/trail';
import { type Endpoint, streamHead } from './endpoint';
import type { StreamEvent } from './event-parser';
import {
  isLikes,
  isSnapshot,
  type LikesMessage,
  type Reactions,
  type SnapshotMessage,
} from './messages';
import { Stream, type StreamReader } from './stream';
import { count, type Tally } from './tally';

const DEFAULT_RETRY_MS = 1000;
const MIN_RETRY_MS = 20;
const MAX_RETRY_MS = 30_000;
const US_PER_MS = 1000;

/** The total of a viewer before its first event. */
export const UNKNOWN = -1;

/** The options that all viewers share. */
export interface Setting {
  readonly endpoints: readonly Endpoint[];
  readonly token: string | undefined;
  /** Whether it watches comments, too. */
  readonly hasComments?: boolean;
  readonly tally: Tally;
  /** Reconnects even after a final status, like a page that gets a new token. */
  readonly returnsWhenRefused?: boolean | undefined;
  /** Whether totals may step back, because the ids of likes go to two datacenters. */
  readonly mayStepBack?: boolean | undefined;
}

/** A viewer of one video: keeps a stream open and checks every event. */
export class Viewer implements StreamReader {
  /** The total of the last event. */
  total = UNKNOWN;
  /** The count of each reaction in the last event. */
  reactions: Reactions = {};
  /** The time of the last bytes, or of the last connect, ms since the epoch. */
  heardAt = 0;
  /** The final status after which it does not reconnect, as an EventSource would not. */
  gaveUp: string | undefined;
  /** The comments that it was sent. */
  readonly trail = new CommentTrail();
  private lastId = '';
  private retryMs = DEFAULT_RETRY_MS;
  private stream: Stream | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readyAt = Number.POSITIVE_INFINITY;
  private firstOpenAt = 0;
  private resumed = false;
  private readonly channel: string;
  private endpoint: number;

  constructor(
    readonly number: number,
    readonly video: string,
    private readonly localAddress: string | undefined,
    private readonly setting: Setting,
  ) {
    this.channel = `video:${video}`;
    this.endpoint = number;
  }

  /** Connects, and resumes from the last id if there is one. */
  open(): void {
    const { endpoints, hasComments = false, token } = this.setting;
    const endpoint = endpoints[this.endpoint % endpoints.length];
    if (endpoint === undefined) {
      throw new Error('no URL to connect to');
    }
    this.heardAt = Date.now();
    this.firstOpenAt ||= this.heardAt;
    this.resumed = this.lastId !== '';
    this.readyAt = Number.POSITIVE_INFINITY;
    const events = hasComments ? 'likes,comments' : 'likes';
    const { channel, lastId } = this;
    const head = streamHead(endpoint, { channel, events, lastId, token });
    const { host, port } = endpoint;
    this.stream = new Stream({ host, port, head, localAddress: this.localAddress }, this);
  }

  /** Whether its stream is open. */
  get connected(): boolean {
    return this.stream !== undefined && this.readyAt < Number.POSITIVE_INFINITY;
  }

  /** Whether it is connected or connecting. */
  get streaming(): boolean {
    return this.stream !== undefined;
  }

  /** The time at which its stream was opened, ms since the epoch; infinite without a stream. */
  get connectedAt(): number {
    return this.readyAt;
  }

  /** Cuts the connection, and reconnects later. */
  cut(awayMs: number): void {
    this.stream?.close();
    this.comeBack(awayMs);
  }

  /** Closes the connection, and does not reconnect. */
  close(): void {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = undefined;
  }

  onBytes(): void {
    this.heardAt = Date.now();
  }

  onEnd(status: number | undefined, error: string | undefined): void {
    if (error !== undefined) {
      count(this.setting.tally.streamErrors, error);
    }
    if (status !== undefined && !this.setting.returnsWhenRefused) {
      this.close();
      this.gaveUp = error ?? `status ${status}`;
      this.readyAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.comeBack(this.retryMs);
  }

  onEvents(events: readonly StreamEvent[]): void {
    for (const event of events) {
      this.onEvent(event);
      if (event.id !== undefined) {
        this.lastId = event.id;
      }
      if (event.retryMs !== undefined) {
        this.retryMs = Math.min(Math.max(event.retryMs, MIN_RETRY_MS), MAX_RETRY_MS);
      }
    }
  }

  private comeBack(afterMs: number): void {
    this.stream = undefined;
    this.readyAt = Number.POSITIVE_INFINITY;
    // The next endpoint, because any of them must accept an id.
    this.endpoint += 1;
    this.setting.tally.reconnects += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), afterMs);
  }

  private onEvent(event: StreamEvent): void {
    const { name, data } = event;
    if (name === 'likes' && isLikes(data) && data.channel === this.channel) {
      this.onLikes(data);
    } else if (name === 'snapshot' && isSnapshot(data) && data.channel === this.channel) {
      this.onSnapshot(data);
    } else if (name === 'comment' && isComment(data)) {
      this.onComment(data);
    } else if (name === 'gap') {
      this.trail.gaps.push(String(Object(data).history));
    } else if (name === 'snapshot' && Object(data).total === undefined) {
      // A snapshot of other feeds alone.
    } else if (name === 'ready') {
      this.readyAt = this.heardAt;
    } else if (name === 'bye') {
      this.setting.tally.byes += 1;
    } else if (name === 'likes' || name === 'snapshot' || event.unreadable) {
      this.setting.tally.unreadable += 1;
      this.complain(`an unusable event: ${name} ${JSON.stringify(data)}`);
    }
  }

  private onLikes(likes: LikesMessage): void {
    const { tally } = this.setting;
    tally.frames += 1;
    tally.delivered += likes.new;
    tally.lastFrameAt = this.heardAt;
    if (this.total + likes.new !== likes.total) {
      tally.notAddingUp += 1;
      this.complain(`${this.total} + new ${likes.new} is not total ${likes.total}`);
    }
    this.setTotal(likes.total);
    this.reactions = likes.reactions ?? {};
    if (likes.t >= this.readyAt) {
      const us = (this.heardAt - likes.t) * US_PER_MS;
      tally.latency.record(us);
      tally.latencySum += us;
      tally.latestLatency.record(us);
      if (tally.isBurst) tally.burstLatency.record(us);
    } else {
      tally.caughtUp += 1;
    }
  }

  private onComment(comment: CommentMessage & { readonly place: string }): void {
    const { commentLatency } = this.setting.tally;
    if (!this.trail.add(comment)) {
      this.trail.faults.push(`${comment.commentId} at ${comment.place} came again`);
      this.complain(`comment ${comment.commentId} at ${comment.place} came again`);
    }
    const { at = 0 } = comment;
    if (at >= this.readyAt) commentLatency.record((this.heardAt - at) * US_PER_MS);
  }

  private onSnapshot(snapshot: SnapshotMessage): void {
    const { tally } = this.setting;
    if (this.resumed) {
      tally.snapshotsAfterResume += 1;
    }
    if (this.total === UNKNOWN) {
      tally.joining.record((this.heardAt - this.firstOpenAt) * US_PER_MS);
    }
    this.setTotal(snapshot.total);
    this.reactions = snapshot.reactions ?? {};
  }

  private setTotal(total: number): void {
    const { mayStepBack = false, tally } = this.setting;
    if (total < this.total) {
      tally.stepsBack += 1;
      if (!mayStepBack) this.complain(`its total stepped back from ${this.total} to ${total}`);
    }
    this.total = total;
  }

  private complain(what: string): void {
    this.setting.tally.example(() => `viewer ${this.number} of ${this.video}: ${what}`);
  }
}
