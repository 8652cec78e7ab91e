import { v7 } from 'uuid';
import type { Like } from './api';
import type { Ledger } from './ledger';
import { pause } from './pause';
import type { Sender } from './sender';
import type { Tally } from './tally';

const MAX_IN_FLIGHT_POSTS = 1000;
const LATE_AFTER_MS = 100;
const FULL_PAUSE_MS = 2;
const DRAINING_PAUSE_MS = 5;
const MS_PER_SECOND = 1000;
const REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'] as const;

/** The number and rate of likes. */
export interface PostingPlan {
  /** Likes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Likes in one POST. */
  readonly batch: number;
  /** Share of the POSTs that are sent twice. */
  readonly doubles: number;
}

/** Posts likes at a fixed rate, independently of the answers. */
export class Poster {
  private readonly likes: number;
  private readonly posts: number;
  private readonly gapMs: number;
  private begun = 0;
  private next = 0;
  private inFlight = 0;

  constructor(
    private readonly plan: PostingPlan,
    private readonly ledgers: readonly Ledger[],
    private readonly sender: Sender,
    private readonly tally: Tally,
  ) {
    this.likes = Math.round(plan.rate * plan.seconds);
    this.posts = Math.ceil(this.likes / plan.batch);
    this.gapMs = (plan.batch / plan.rate) * MS_PER_SECOND;
  }

  /** Posts for the planned time or until the signal, then waits for all answers. */
  async run(signal: AbortSignal): Promise<void> {
    this.begun = performance.now();
    while (!signal.aborted && this.elapsedMs() < this.plan.seconds * MS_PER_SECOND) {
      this.sendDue();
      await pause(this.untilNextMs(), signal);
    }
    if (!signal.aborted) {
      this.sendDue();
      this.tally.likesUnsent = this.likes - Math.min(this.likes, this.next * this.plan.batch);
    }
    while (this.inFlight > 0) {
      await pause(DRAINING_PAUSE_MS);
    }
  }

  private elapsedMs(): number {
    return performance.now() - this.begun;
  }

  private sendDue(): void {
    const elapsed = this.elapsedMs();
    while (this.next < this.posts && this.next * this.gapMs <= elapsed) {
      if (this.inFlight >= MAX_IN_FLIGHT_POSTS) {
        return;
      }
      if (elapsed - this.next * this.gapMs > LATE_AFTER_MS) {
        this.tally.late += 1;
      }
      void this.post(this.next);
      this.next += 1;
    }
  }

  private untilNextMs(): number {
    const elapsed = this.elapsedMs();
    const leftMs = this.plan.seconds * MS_PER_SECOND - elapsed;
    if (this.inFlight >= MAX_IN_FLIGHT_POSTS) {
      return Math.min(FULL_PAUSE_MS, Math.max(1, leftMs));
    }
    const dueMs = this.next < this.posts ? this.next * this.gapMs - elapsed : leftMs;
    return Math.max(1, Math.min(dueMs, leftMs));
  }

  private async post(number: number): Promise<void> {
    const ledger = this.ledgers[number % this.ledgers.length];
    if (ledger === undefined) {
      return;
    }
    const size = Math.min(this.plan.batch, this.likes - number * this.plan.batch);
    const likes = Array.from({ length: size }, newLike);
    this.tally.likesSent += size;
    this.inFlight += 1;
    try {
      this.enter(ledger, size, await this.outcome(number, ledger.video, likes));
    } finally {
      this.inFlight -= 1;
    }
  }

  private async outcome(number: number, video: string, likes: readonly Like[]) {
    const first = this.sender.send(number, video, likes);
    if (Math.random() >= this.plan.doubles) {
      return first;
    }
    this.tally.doubles += 1;
    // Half of the copies are sent at once, half of them after the first answer.
    const early = Math.random() < 0.5 ? await first : undefined;
    const second = this.sender.send(number + 1, video, likes);
    const outcomes = [early ?? (await first), await second];
    return (
      outcomes.find((one) => one === 'taken') ??
      outcomes.find((one) => one === 'unknown') ??
      'refused'
    );
  }

  private enter(ledger: Ledger, size: number, outcome: 'taken' | 'refused' | 'unknown'): void {
    if (outcome === 'taken') {
      ledger.taken += size;
      this.tally.likesTaken += size;
    } else if (outcome === 'unknown') {
      ledger.unknown += size;
      this.tally.likesUnknown += size;
    } else {
      this.tally.likesRefused += size;
    }
  }
}

function newLike(): Like {
  const reaction = REACTIONS[Math.floor(Math.random() * REACTIONS.length)] ?? 'like';
  return { likeId: v7(), reaction };
}
