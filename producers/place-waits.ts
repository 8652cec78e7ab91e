import { type Clock, every, type Timer } from '../runtime/clock';
import type { Vector } from '../schemas/state';
import type { LogEnds } from './log-ends';
import type { NewestStates } from './newest-states';

/** A request waits at most this long for its places, ms. */
export const MAX_WAIT_MS = 1_000;

/** The most requests that wait; further ones are answered at once. */
export const MAX_WAITS = 500;

/** The cache is read this long after the first read, then after twice that time, and so on. */
export const FIRST_POLL_MS = 10;
export const MAX_POLL_MS = 160;

/** By origin, the offset that a state must have reached. */
export type Wanted = ReadonlyMap<string, number>;

export interface PlaceWaitsOptions {
  readonly states: Pick<NewestStates, 'load' | 'cached' | 'merge'>;
  readonly ends: Pick<LogEnds, 'mayHave' | 'noteVector'>;
  readonly clock: Clock;
}

/** A request that waits. Times are of the monotonic clock, ms. */
interface Wait {
  readonly channel: string;
  readonly type: string;
  readonly wanted: Wanted;
  readonly until: number;
  vector: Vector;
  pollAt: number;
  pollMs: number;
  resolve(vector: Vector): void;
}

/** Reads states that have certain places: polls the cache for all waiting requests together. */
export class PlaceWaits {
  private readonly waits = new Set<Wait>();
  private timer: Timer | undefined;
  private isReading = false;

  constructor(private readonly options: PlaceWaitsOptions) {}

  /**
   * The states of a channel's events of one type once they have the wanted places; the states as
   * they are if that takes longer than `MAX_WAIT_MS`, if too many requests wait, or if a log cannot
   * have such a place. Rejects with `store_unavailable`.
   */
  async load(channel: string, type: string, wanted: Wanted): Promise<Vector> {
    const { clock, ends, states } = this.options;
    const vector = await states.load(channel, type);
    ends.noteVector(type, vector);
    const isPossible = [...wanted].every((place) => ends.mayHave(type, ...place));
    if (!isPossible || hasReached(vector, wanted) || this.waits.size >= MAX_WAITS) return vector;
    const now = clock.monotonic();
    return new Promise((resolve) => {
      this.waits.add({
        ...{ channel, type, wanted, vector, resolve },
        until: now + MAX_WAIT_MS,
        pollAt: now + FIRST_POLL_MS,
        pollMs: FIRST_POLL_MS,
      });
      this.timer ??= every(clock, FIRST_POLL_MS, () => this.poll());
    });
  }

  /** Begins at most one read; does not wait for it, so that requests end in time. */
  private poll(): void {
    const now = this.options.clock.monotonic();
    for (const wait of this.waits) if (wait.until <= now) this.end(wait);
    if (this.isReading) return;
    const due = [...this.waits].filter(({ pollAt }) => pollAt <= now);
    if (due.length > 0) void this.read(due);
  }

  private async read(due: readonly Wait[]): Promise<void> {
    this.isReading = true;
    for (const [type, waits] of byType(due)) await this.readType(type, waits);
    this.isReading = false;
  }

  private async readType(type: string, waits: readonly Wait[]): Promise<void> {
    const { clock, states } = this.options;
    const channels = new Set(waits.map(({ channel }) => channel));
    const cached = await states.cached([...channels], type);
    const now = clock.monotonic();
    for (const wait of waits) {
      wait.vector = states.merge(type, wait.vector, cached.get(wait.channel) ?? {});
      wait.pollMs = Math.min(2 * wait.pollMs, MAX_POLL_MS);
      wait.pollAt = now + wait.pollMs;
      if (hasReached(wait.vector, wait.wanted)) this.end(wait);
    }
  }

  private end(wait: Wait): void {
    if (!this.waits.delete(wait)) return;
    wait.resolve(wait.vector);
    if (this.waits.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }
}

function hasReached(vector: Vector, wanted: Wanted): boolean {
  return [...wanted].every(([origin, offset]) => (vector[origin]?.version ?? -1) >= offset);
}

function byType(waits: readonly Wait[]): ReadonlyMap<string, readonly Wait[]> {
  const lists = new Map<string, Wait[]>();
  for (const wait of waits) lists.set(wait.type, [...(lists.get(wait.type) ?? []), wait]);
  return lists;
}
