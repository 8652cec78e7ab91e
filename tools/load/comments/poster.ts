import { v7 } from 'uuid';
import type { Api } from '../api';
import { pause } from '../pause';
import { count, type Tally } from '../tally';

const MAX_IN_FLIGHT = 500;
/** Comments of a burst that are under way at once. */
const BURST_CLIENTS = 128;
const RETRY_MS = 200;
const MAX_TRIES = 100;
const TICK_MS = 5;
const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;
const WORDS = 'what a night for this song and everyone who is here with us tonight'.split(' ');

export interface CommentPlan {
  /** Comments a second, over all videos. */
  readonly rate: number;
  readonly seconds: number;
}

/** A burst that was posted; times in ms since the epoch. */
export interface Burst {
  readonly comments: number;
  readonly from: number;
  readonly to: number;
}

/** Posts comments at a fixed rate or as fast as they are taken, and each until it is answered. */
export class CommentPoster {
  /** By video, the ids that were answered 2xx. */
  readonly taken = new Map<string, string[]>();
  private inFlight = 0;
  private sent = 0;

  constructor(
    private readonly plan: CommentPlan,
    private readonly videos: readonly string[],
    private readonly apis: readonly Api[],
    private readonly tally: Tally,
  ) {
    for (const video of videos) this.taken.set(video, []);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { rate, seconds } = this.plan;
    const begun = performance.now();
    const all = Math.round(rate * seconds);
    const dueNow = (): number => ((performance.now() - begun) / MS_PER_SECOND) * rate;
    for (let sent = 0; !signal.aborted && sent < all; await pause(TICK_MS, signal)) {
      const due = Math.min(all, dueNow());
      for (; sent < due && this.inFlight < MAX_IN_FLIGHT; sent++) void this.post(signal);
    }
    while (this.inFlight > 0) await pause(TICK_MS);
  }

  /** Posts comments as fast as they are taken; notes the latency of likes meanwhile. */
  async burst(comments: number, signal: AbortSignal): Promise<Burst> {
    const from = Date.now();
    this.tally.isBurst = true;
    let left = comments;
    const client = async (): Promise<void> => {
      while (left > 0 && !signal.aborted) {
        left -= 1;
        await this.post(signal);
      }
    };
    await Promise.all(Array.from({ length: BURST_CLIENTS }, client));
    this.tally.isBurst = false;
    return { comments: comments - left, from, to: Date.now() };
  }

  private async post(signal: AbortSignal): Promise<void> {
    const number = this.sent++;
    const video = this.videos[number % this.videos.length] ?? '';
    const comment = { commentId: v7(), text: textOf(number) };
    const begun = performance.now();
    this.inFlight += 1;
    for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries++) {
      const status = await this.attempt(number + tries, video, comment);
      if (status >= 200 && status < 300) {
        this.taken.get(video)?.push(comment.commentId);
        this.tally.commentPosting.record((performance.now() - begun) * US_PER_MS);
        break;
      }
      if (status >= 400 && status < 500 && status !== 429) break;
      await pause(RETRY_MS, signal);
    }
    this.inFlight -= 1;
  }

  private async attempt(at: number, video: string, comment: object): Promise<number> {
    const api = this.apis[at % this.apis.length];
    try {
      const status = (await api?.post(`/videos/${video}/comments`, comment)) ?? 0;
      count(this.tally.answers, `comment ${status}`);
      return status;
    } catch (error) {
      count(this.tally.answers, `comment ${String(error).slice(0, 40)}`);
      return 0;
    }
  }
}

function textOf(number: number): string {
  const length = 3 + (number % 9);
  const words = Array.from({ length }, (_, at) => WORDS[(number + at) % WORDS.length]);
  return `${number}: ${words.join(' ')}`;
}
