import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { median } from './measure';

/** One like in so many is read until its video's total contains it. */
const READ_EVERY = 8;
const TICK_MS = 10;
const READ_AGAIN_MS = 4;
const GIVE_UP_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** Likes spread evenly over videos. */
export interface ReadLoad {
  readonly videos: number;
  readonly likesPerSecond: number;
}

/** Time from the answer to a like until a GET was answered that contains it, ms. */
export interface ReadLag {
  readonly reads: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Likes that were not answered with 201. */
  readonly refused: number;
}

/**
 * Posts likes, at most one of a video at a time, so that a total shows which likes it contains.
 * Each GET goes to another producer than its like.
 */
export class LikeReader {
  private readonly agent = new Agent({ connections: 64 });
  private readonly totals: number[];
  private readonly busy = new Set<number>();
  private lags: number[] = [];
  private posted = 0;
  private refused = 0;
  private next = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly headers: Readonly<Record<string, string>>,
    private readonly name: string,
    private readonly load: ReadLoad,
  ) {
    this.totals = Array.from({ length: load.videos }, () => 0);
  }

  /** Posts for some seconds; resolves with the lags of likes of this time. */
  async run(seconds: number): Promise<ReadLag> {
    const from = performance.now();
    const postedBefore = this.posted;
    this.lags = [];
    this.refused = 0;
    for (let at = from; at < from + seconds * MS_PER_SECOND; at = performance.now()) {
      const due = ((at - from) / MS_PER_SECOND) * this.load.likesPerSecond;
      while (this.posted - postedBefore < due) this.postNext();
      await sleep(TICK_MS);
    }
    while (this.busy.size > 0) await sleep(TICK_MS);
    return { ...lagOf(this.lags), refused: this.refused };
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  private postNext(): void {
    this.posted++;
    const video = this.next;
    this.next = (this.next + 1) % this.load.videos;
    // A video whose like is not answered yet is left out: this round has fewer likes.
    if (this.busy.has(video)) return;
    this.busy.add(video);
    const isRead = this.posted % READ_EVERY === 0;
    void this.post(video, isRead)
      .catch(() => this.refused++)
      .finally(() => this.busy.delete(video));
  }

  private async post(video: number, isRead: boolean): Promise<void> {
    const at = this.posted % this.urls.length;
    const url = `${this.urls[at]}/videos/${this.name}-${video}/likes`;
    const { headers } = this;
    const answer = await request(url, { ...this.options, method: 'POST', headers, body: '{}' });
    await answer.body.dump();
    if (answer.statusCode !== 201) throw new Error(`answered ${answer.statusCode}`);
    const total = (this.totals[video] ?? 0) + 1;
    this.totals[video] = total;
    if (isRead) await this.readUntil(video, total, (at + 1) % this.urls.length);
  }

  private async readUntil(video: number, total: number, at: number): Promise<void> {
    const answered = performance.now();
    const url = `${this.urls[at]}/videos/${this.name}-${video}/likes`;
    while (performance.now() < answered + GIVE_UP_MS) {
      const { body } = await request(url, { ...this.options, headers: this.headers });
      const read = Object(await body.json()).total;
      if (read >= total) break;
      await sleep(READ_AGAIN_MS);
    }
    this.lags.push(performance.now() - answered);
  }

  private get options() {
    return { dispatcher: this.agent };
  }
}

function lagOf(lags: readonly number[]): Omit<ReadLag, 'refused'> {
  const sorted = [...lags].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  const max = sorted.at(-1) ?? 0;
  return { reads: sorted.length, p50: median(sorted), p90: at(0.9), p99: at(0.99), max };
}
