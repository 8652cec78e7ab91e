import { Api } from './api';
import { Audience } from './audience';
import { type CommentVerdict, judgeComments } from './comments/check';
import { type Burst, CommentPoster } from './comments/poster';
import { endpointOf } from './endpoint';
import { settle, type Verdict } from './exactness';
import type { Ledger } from './ledger';
import type { Options } from './options';
import { pause } from './pause';
import { Poster } from './poster';
import { Progress } from './progress';
import { type Result, resultOf, type Timing } from './result';
import { Sender } from './sender';
import { Tally } from './tally';

const SEATING_GRACE_MS = 10_000;
const SEATING_PAUSE_MS = 10;
const MS_PER_SECOND = 1000;
/** The share of the time after which a burst begins. */
const BURST_AFTER = 1 / 3;
const US_PER_MS = 1000;

/** One run: viewers connect, likes are posted, totals are checked. A signal ends it early. */
export class Run {
  private readonly tally = new Tally();
  private readonly apis: readonly [Api, ...Api[]];
  private readonly audience: Audience;
  private readonly videos: readonly string[];
  private comments: CommentPoster | undefined;
  private burst: Burst | undefined;

  constructor(private readonly options: Options) {
    const { token, video, videos, url, postUrl, viewers, sourceAddresses, connectRate } = options;
    const { burst = 0, comments = 0, returnsWhenRefused } = options;
    const hasComments = burst + comments > 0;
    this.videos =
      videos === 1 ? [video] : Array.from({ length: videos }, (_, number) => `${video}-${number}`);
    const [first, ...others] = postUrl.map((endpoint) => new Api(endpoint, token));
    if (first === undefined) {
      throw new Error('no URL to post to');
    }
    this.apis = [first, ...others];
    this.audience = new Audience(
      { viewers, videos: this.videos, sourceAddresses, connectRate },
      { endpoints: url.map(endpointOf), token, tally: this.tally, returnsWhenRefused, hasComments },
    );
  }

  /** Runs everything; rejects if the totals at the start cannot be read. */
  async play(signal: AbortSignal): Promise<Result> {
    const ledgers = await this.openLedgers();
    const progress = new Progress(this.tally, () => this.audience.connected());
    try {
      const connectMs = await this.seat(progress, signal);
      const timing = await this.post(ledgers, progress, connectMs, signal);
      progress.enter('settling');
      return await this.conclude(ledgers, timing);
    } finally {
      progress.close();
      this.audience.close();
      await Promise.all(this.apis.map((api) => api.close()));
    }
  }

  /** The number of viewers with an open stream. */
  get connected(): number {
    return this.audience.connected();
  }

  /** The number of events so far that were unreadable, did not add up, or stepped back. */
  get brokenEvents(): number {
    return this.tally.brokenEvents;
  }

  /** Totals that stepped back; they are among the broken events. */
  get stepsBack(): number {
    return this.tally.stepsBack;
  }

  private get commentPlan() {
    const { comments = 0, seconds } = this.options;
    return { rate: comments, seconds };
  }

  private async judgeComments(): Promise<CommentVerdict | undefined> {
    const { burst, comments } = this.options;
    if (!this.comments || !(burst || comments)) return undefined;
    return judgeComments(this.audience.viewers, this.comments.taken, this.apis[0]);
  }

  private async openLedgers(): Promise<readonly Ledger[]> {
    const ledgers: Ledger[] = [];
    for (const video of this.videos) {
      ledgers.push({ video, atStart: await this.apis[0].total(video), taken: 0, unknown: 0 });
    }
    return ledgers;
  }

  private async seat(progress: Progress, signal: AbortSignal): Promise<number> {
    const { viewers, connectRate } = this.options;
    progress.enter('connecting');
    const begun = performance.now();
    const mostMs = (viewers / connectRate) * MS_PER_SECOND + SEATING_GRACE_MS;
    this.audience.open();
    while (!this.audience.complete() && !signal.aborted && performance.now() - begun < mostMs) {
      await pause(SEATING_PAUSE_MS, signal);
    }
    return performance.now() - begun;
  }

  private async post(
    ledgers: readonly Ledger[],
    progress: Progress,
    connectMs: number,
    signal: AbortSignal,
  ): Promise<Timing> {
    progress.enter('posting');
    const sender = new Sender(this.apis, this.tally, signal);
    const poster = new Poster(this.options, ledgers, sender, this.tally);
    const comments = new CommentPoster(this.commentPlan, this.videos, this.apis, this.tally);
    this.comments = comments;
    const stopCutting = this.audience.startCutting(this.options.cut);
    const seated = this.audience.seated();
    const [postingFrom, cpuFrom] = [Date.now(), process.cpuUsage()];
    await Promise.all([poster.run(signal), comments.run(signal), this.postBurst(comments, signal)]);
    const postingTo = Date.now();
    const { user, system } = process.cpuUsage(cpuFrom);
    stopCutting();
    const cores = (user + system) / US_PER_MS / Math.max(1, postingTo - postingFrom);
    return { seated, connectMs, postingFrom, postingTo, cores, interrupted: signal.aborted };
  }

  private async postBurst(comments: CommentPoster, signal: AbortSignal): Promise<void> {
    const { burst = 0, seconds } = this.options;
    if (burst === 0) return;
    await pause(seconds * BURST_AFTER * MS_PER_SECOND, signal);
    this.burst = await comments.burst(burst, signal);
  }

  private async conclude(ledgers: readonly Ledger[], timing: Timing): Promise<Result> {
    const { viewers } = this.audience;
    const watchingOnly = this.options.rate === 0;
    const verdict: Verdict = await settle({ ledgers, viewers, watchingOnly }, this.apis[0]);
    const comments = await this.judgeComments();
    const { burst, tally, options } = this;
    const { video, videos } = options;
    return resultOf({ video, videos, tally, timing, verdict, comments, burst });
  }
}
