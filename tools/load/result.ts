import type { CommentVerdict } from './comments/check';
import type { Burst } from './comments/poster';
import type { Verdict } from './exactness';
import type { Quantiles } from './histogram';
import type { Tally } from './tally';

const US_TO_MS = 0.001;
const MS_PER_SECOND = 1000;

/** Times (ms since the epoch), viewers and CPU of a run. */
export interface Timing {
  /** Viewers that had a total when posting began. */
  readonly seated: number;
  /** From the first connect to the last viewer's first total, or to the end of that wait, ms. */
  readonly connectMs: number;
  readonly postingFrom: number;
  readonly postingTo: number;
  /** The share of one core that this process used while it posted; 1 is all of it. */
  readonly cores: number;
  /** Whether a signal ended the run early. */
  readonly interrupted: boolean;
}

/** The figures of a run, as `--json` prints them; latencies in ms. */
export interface Result {
  readonly video: string;
  readonly videos: number;
  readonly interrupted: boolean;
  readonly viewers: {
    readonly asked: number;
    /** Viewers that had a total when posting began. */
    readonly connected: number;
    readonly connectMs: number;
    readonly toFirstTotal: Quantiles;
  };
  readonly posted: {
    /** When it began and ended, ms since the epoch. */
    readonly from: number;
    readonly to: number;
    readonly seconds: number;
    readonly likes: number;
    readonly taken: number;
    readonly perSecond: number;
    readonly refused: number;
    readonly unknown: number;
    readonly latePosts: number;
    readonly unsent: number;
    readonly retries: number;
    readonly doubles: number;
    readonly answers: Record<string, number>;
    readonly latency: Quantiles;
  };
  readonly delivered: {
    readonly seconds: number;
    readonly likes: number;
    readonly likesPerSecond: number;
    readonly frames: number;
    readonly framesPerSecond: number;
    readonly caughtUpFrames: number;
    /** The mean of `latency`. */
    readonly meanMs: number;
    /** Like → viewer, of the oldest like in each frame. */
    readonly latency: Quantiles;
  };
  readonly streams: {
    readonly cuts: number;
    readonly byes: number;
    readonly silences: number;
    readonly reconnects: number;
    readonly snapshotsAfterResume: number;
    readonly errors: Record<string, number>;
  };
  readonly broken: {
    readonly notAddingUp: number;
    readonly stepsBack: number;
    readonly unreadable: number;
    readonly examples: readonly string[];
  };
  readonly cores: number;
  readonly verdict: Verdict;
  /** Undefined if no comments were posted. */
  readonly comments?: CommentResult | undefined;
  /** Undefined if there was no burst. */
  readonly burst?: BurstResult | undefined;
}

/** A burst of comments, and the latency of the likes that came meanwhile, ms. */
export interface BurstResult extends Burst {
  readonly likes: Quantiles;
}

/** What was measured of comments; latencies in ms. */
export interface CommentResult extends CommentVerdict {
  readonly posting: Quantiles;
  readonly latency: Quantiles;
}

/** The sources of a result. */
export interface Findings {
  readonly video: string;
  readonly videos: number;
  readonly tally: Tally;
  readonly timing: Timing;
  readonly verdict: Verdict;
  readonly comments?: CommentVerdict | undefined;
  readonly burst?: Burst | undefined;
}

/** Whether the run kept the promise: all totals are exact, and every `new` adds up. */
export function kept(result: Result): boolean {
  const { broken, comments, verdict } = result;
  const isComplete = comments?.complete ?? true;
  return verdict.exact && isComplete && broken.notAddingUp === 0 && broken.unreadable === 0;
}

/** Computes the figures of a run. */
export function resultOf(findings: Findings): Result {
  const { tally, timing, verdict } = findings;
  return {
    video: findings.video,
    videos: findings.videos,
    interrupted: timing.interrupted,
    viewers: {
      asked: verdict.viewers,
      connected: timing.seated,
      connectMs: timing.connectMs,
      toFirstTotal: tally.joining.quantiles(US_TO_MS),
    },
    posted: posted(tally, timing),
    delivered: delivered(tally, timing),
    streams: {
      cuts: tally.cuts,
      byes: tally.byes,
      silences: tally.silences,
      reconnects: tally.reconnects,
      snapshotsAfterResume: tally.snapshotsAfterResume,
      errors: Object.fromEntries(tally.streamErrors),
    },
    broken: {
      notAddingUp: tally.notAddingUp,
      stepsBack: tally.stepsBack,
      unreadable: tally.unreadable,
      examples: tally.examples,
    },
    cores: timing.cores,
    verdict,
    ...(findings.comments && {
      comments: {
        ...findings.comments,
        posting: tally.commentPosting.quantiles(US_TO_MS),
        latency: tally.commentLatency.quantiles(US_TO_MS),
      },
    }),
    ...(findings.burst && {
      burst: { ...findings.burst, likes: tally.burstLatency.quantiles(US_TO_MS) },
    }),
  };
}

function posted(tally: Tally, timing: Timing): Result['posted'] {
  const seconds = (timing.postingTo - timing.postingFrom) / MS_PER_SECOND;
  return {
    from: timing.postingFrom,
    to: timing.postingTo,
    seconds,
    likes: tally.likesSent,
    taken: tally.likesTaken,
    perSecond: perSecond(tally.likesTaken, seconds),
    refused: tally.likesRefused,
    unknown: tally.likesUnknown,
    latePosts: tally.late,
    unsent: tally.likesUnsent,
    retries: tally.retries,
    doubles: tally.doubles,
    answers: Object.fromEntries(tally.answers),
    latency: tally.posting.quantiles(US_TO_MS),
  };
}

function delivered(tally: Tally, timing: Timing): Result['delivered'] {
  // Events after the end of posting count, and so does the time until the last one.
  const end = Math.max(timing.postingTo, tally.lastFrameAt);
  const seconds = (end - timing.postingFrom) / MS_PER_SECOND;
  return {
    seconds,
    likes: tally.delivered,
    likesPerSecond: perSecond(tally.delivered, seconds),
    frames: tally.frames,
    framesPerSecond: perSecond(tally.frames, seconds),
    caughtUpFrames: tally.caughtUp,
    meanMs: (tally.latencySum / Math.max(1, tally.latency.count)) * US_TO_MS,
    latency: tally.latency.quantiles(US_TO_MS),
  };
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
