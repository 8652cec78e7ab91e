import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import { z } from 'zod';
import { call } from '../../test/end-to-end/api';
import { StreamClient } from '../../test/end-to-end/stream-client';
import type { Seeded } from '../../test/simulation/seeded';
import { tokenOf } from '../../test/stack/member-tokens';
import type { ChaosSite } from './chaos-site';
import { CommentLedger } from './comment-ledger';

const MEMBERS = 12;
const TICK_MS = 250;
/** One in this many ticks opens or closes the stream of a member. */
const CHANGE_EVERY = 3;
const RETRY_MS = 300;
/** The grace of presence, a lost frontend's lease, and what a busy machine may add. */
const AT_REST_MS = 90_000;
const LOOK_MS = 1_000;

const presence = z.object({
  presence: z.array(z.object({ memberId: z.string(), online: z.boolean() })),
});

/** A member with a stream. */
interface Seat {
  readonly member: string;
  readonly stream: StreamClient;
}

/** Comments, the number of viewers, and presence, beside the likes of a run. */
export class LiveLoad {
  readonly video = `live-${v7()}`;
  private readonly prefix = `live-${v7()}`;
  private readonly seats = new Map<string, Seat>();
  private readonly ledger = new CommentLedger();
  private readonly posts = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  private ticks = 0;

  constructor(
    private readonly site: ChaosSite,
    private readonly random: Seeded,
  ) {}

  /** Opens a stream of each member, and begins to comment. */
  async start(): Promise<void> {
    for (let at = 0; at < MEMBERS; at++) await this.open(this.memberAt(at));
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** What is wrong at rest; waits until nothing is, or until the time limit. */
  async wrong(): Promise<string[]> {
    clearInterval(this.timer);
    this.isOver = true;
    await Promise.all(this.posts);
    const until = performance.now() + AT_REST_MS;
    for (;;) {
      const wrong = await this.compare().catch((error: unknown) => [String(error)]);
      if (wrong.length === 0 || performance.now() > until) return wrong;
      await pause(LOOK_MS);
    }
  }

  /** What was done, in a few words. */
  get summary(): string {
    return `${this.ledger.accepted.length} comments, ${this.seats.size} viewers at the end`;
  }

  close(): void {
    clearInterval(this.timer);
    this.isOver = true;
    for (const { stream } of this.seats.values()) stream.close();
  }

  private tick(): void {
    this.ticks += 1;
    const posting = this.comment().finally(() => this.posts.delete(posting));
    this.posts.add(posting);
    if (this.ticks % CHANGE_EVERY !== 0) return;
    const member = this.memberAt(this.random.below(MEMBERS));
    const seat = this.seats.get(member);
    if (!seat) void this.open(member);
    else {
      this.ledger.left(seat.stream);
      seat.stream.close();
      this.seats.delete(member);
    }
  }

  private async open(member: string): Promise<void> {
    const channels = [`video:${this.video}`];
    for (let at = 0; at < MEMBERS; at++) channels.push(`member:${this.memberAt(at)}`);
    const headers = { Authorization: `Bearer ${await tokenOf(member)}` };
    const url = this.random.pick(this.site.roles.frontend).url;
    const stream = new StreamClient(url, channels, { headers, reconnects: true });
    this.seats.set(member, { member, stream });
  }

  /** Posts a comment until it is answered. */
  private async comment(): Promise<void> {
    const commentId = v7();
    const headers = { Authorization: `Bearer ${this.site.token}` };
    while (!this.isOver) {
      const { url } = this.random.pick(this.site.roles.producer);
      const body = { commentId, text: `comment ${this.ticks}` };
      const path = `/videos/${this.video}/comments`;
      const answer = await call(url, 'POST', path, { headers, body }).catch(() => undefined);
      if (answer && answer.status < 300) {
        this.ledger.accept(JSON.parse(answer.text));
        return;
      }
      await pause(RETRY_MS);
    }
  }

  private async compare(): Promise<string[]> {
    const wrong: string[] = [];
    const streams = [...this.seats.values()].map(({ stream }) => stream);
    for (const stream of streams) {
      const viewers = lastOf(stream, `video:${this.video}`, 'viewers');
      if (viewers !== streams.length) wrong.push(`${viewers} viewers of ${streams.length}`);
      for (let at = 0; at < MEMBERS; at++) {
        const member = this.memberAt(at);
        const online = lastOf(stream, `member:${member}`, 'online');
        if (online !== this.seats.has(member)) wrong.push(`${member} is shown online ${online}`);
      }
    }
    wrong.push(...(await this.wrongAnswers()));
    wrong.push(...(await this.ledger.wrong(streams, (path) => this.get(path))));
    return wrong;
  }

  private async wrongAnswers(): Promise<string[]> {
    const members = Array.from({ length: MEMBERS }, (_, at) => this.memberAt(at));
    const query = members.map((id) => `memberId=${id}`).join('&');
    const answer = presence.parse(await this.get(`/presence?${query}`));
    const wrong = answer.presence.filter(({ memberId, online }) => {
      return online !== this.seats.has(memberId);
    });
    return wrong.map(({ memberId, online }) => `GET has ${memberId} online ${online}`);
  }

  private async get(path: string): Promise<unknown> {
    const headers = { Authorization: `Bearer ${this.site.token}` };
    const { url } = this.random.pick(this.site.roles.producer);
    const { status, text } = await call(url, 'GET', path, { headers });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  private memberAt(at: number): string {
    return `${this.prefix}-${at}`;
  }
}

/** The last value of a field that a stream was sent of a channel. */
function lastOf({ events }: StreamClient, channel: string, field: string): unknown {
  return events.findLast(({ data }) => data.channel === channel && field in data)?.data[field];
}
