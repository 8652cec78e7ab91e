import type { Clock } from '../../runtime/clock';
import { RENEW_MS } from '../../schemas/delivery';

/** A worker whose beat did not change for this time is dead. */
export const DEAD_AFTER_MS = 5_000;

/** The same of another datacenter, whose beats a mirrored log carries. */
export const PEER_DEAD_AFTER_MS = 15_000;

/** The least number of reads with the same beat before a worker is dead. */
export const MIN_READS = 5;

/** If two reads are further apart, the count begins anew: this process was halted. */
export const MAX_READ_GAP_MS = 1_500;

/** After Redis was unavailable, the count begins when every worker had time for two renewals. */
export const RENEWALS_WAIT_MS = 2 * RENEW_MS;

/** When a read was sent and answered, on the monotonic clock. */
export interface ReadTimes {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The reads of one worker since its beat last changed, or since the count began anew. */
interface Watch {
  /** Undefined while the worker was never seen with a lease. */
  beat: number | undefined;
  firstEndedAt: number;
  reads: number;
  isDead: boolean;
}

/**
 * Judges by their beats whether workers are dead. A beat is a number that grows with each renewal.
 * Only this process's monotonic clock is used, so no clock of another machine decides anything. A
 * beat that steps back, because Redis went back in time, counts as a change.
 */
export class Beats {
  private readonly watches = new Map<string, Watch>();
  private last: ReadTimes | undefined;
  private isInterrupted = false;
  private countsFrom = 0;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    /** After which time without a change of its beat a worker is dead. */
    private readonly deadAfterMs: (id: string) => number = () => DEAD_AFTER_MS,
  ) {}

  /** Notes a successful read of the beats of all workers with a lease. */
  note(times: ReadTimes, beats: ReadonlyMap<string, number>): void {
    const { endedAt, startedAt } = times;
    const beginsAnew = this.beginsAnew(endedAt);
    this.last = times;
    for (const id of beats.keys()) this.expect(id);
    for (const [id, watch] of this.watches) {
      // A worker without a lease is judged as one whose beat stays the same.
      const beat = beats.get(id) ?? watch.beat;
      if (beginsAnew || beat !== watch.beat) restart(watch, beat, endedAt);
      else watch.reads += 1;
      const sameMs = startedAt - watch.firstEndedAt;
      watch.isDead = watch.reads >= MIN_READS && sameMs >= this.deadAfterMs(id);
    }
  }

  /** Notes that a read failed or that the connection was lost. */
  interrupt(): void {
    this.isInterrupted = true;
    for (const watch of this.watches.values()) restart(watch, watch.beat, this.clock.monotonic());
  }

  /** Begins the count of a worker that may have no lease. */
  expect(id: string): void {
    if (this.watches.has(id)) return;
    const firstEndedAt = this.clock.monotonic();
    this.watches.set(id, { beat: undefined, firstEndedAt, reads: 0, isDead: false });
  }

  /** Whether a worker is judged, with a lease or without. */
  has(id: string): boolean {
    return this.watches.has(id);
  }

  isDead(id: string): boolean {
    return this.watches.get(id)?.isDead ?? false;
  }

  /** The dead workers, each with its last beat. */
  get dead(): ReadonlyMap<string, number | undefined> {
    const dead = [...this.watches].filter(([, { isDead }]) => isDead);
    return new Map(dead.map(([id, { beat }]) => [id, beat]));
  }

  /** Removes a worker. If it renews again, its count begins anew. */
  remove(id: string): void {
    this.watches.delete(id);
  }

  private beginsAnew(endedAt: number): boolean {
    const { isInterrupted, last } = this;
    this.isInterrupted = false;
    if (isInterrupted) this.countsFrom = endedAt + RENEWALS_WAIT_MS;
    if (isInterrupted || !last) return true;
    return endedAt - last.startedAt > MAX_READ_GAP_MS || last.endedAt < this.countsFrom;
  }
}

function restart(watch: Watch, beat: number | undefined, endedAt: number): void {
  watch.beat = beat;
  watch.firstEndedAt = endedAt;
  watch.reads = 1;
  watch.isDead = false;
}
