import { v7 } from 'uuid';
import type { Api } from '../api';
import { pause } from '../pause';
import { count, type Tally } from '../tally';

const MAX_IN_FLIGHT = 500;
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

/** Posts comments at a fixed rate, and each until it is answered. */
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
    while (!signal.aborted && this.sent < all) {
      const due = Math.min(all, ((performance.now() - begun) / MS_PER_SECOND) * rate);
      while (this.sent < due && this.inFlight < MAX_IN_FLIGHT) void this.post(this.sent++, signal);
      await pause(TICK_MS, signal);
    }
    while (this.inFlight > 0) await pause(TICK_MS);
  }

  private async post(number: number, signal: AbortSignal): Promise<void> {
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
