import type { Clock } from '../runtime/clock';
import { DeadlineQueue } from './channels/deadline-queue';

/** A channel without viewers is kept this long, because its viewers may reconnect. */
export const LINGER_MS = 5_000;

/** Keeps channels without viewers, each until its deadline. */
export class Lingering {
  private readonly channels: DeadlineQueue<string>;

  constructor(
    clock: Clock,
    /** Called with channels whose deadline has passed, at most `MAX_ITEMS_A_TURN`. */
    private readonly release: (channels: readonly string[]) => void,
  ) {
    this.channels = new DeadlineQueue(clock, LINGER_MS, release);
  }

  /** Releases the channel after `LINGER_MS`, unless `keep` is called before. */
  add(channel: string): void {
    this.channels.add(channel);
  }

  /** Keeps a channel that has viewers again. */
  keep(channel: string): void {
    this.channels.delete(channel);
  }

  /** Releases the `count` channels that have lingered longest, except `except`, to make room. */
  releaseOldest(count: number, except: readonly string[]): void {
    const oldest: string[] = [];
    for (const channel of this.channels.items()) {
      if (oldest.length === count) break;
      if (!except.includes(channel)) oldest.push(channel);
    }
    for (const channel of oldest) this.channels.delete(channel);
    if (oldest.length > 0) this.release(oldest);
  }

  /** The number of lingering channels. */
  get size(): number {
    return this.channels.size;
  }

  /** Ends the timer; releases no channel afterwards. */
  close(): void {
    this.channels.close();
  }
}
