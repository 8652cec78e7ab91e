import { mergeVectors, type Vector } from '../../schemas/state';
import type { StateCache } from '../state-cache';

/** Channels kept; if there are more, those written longest ago are evicted. */
export const MAX_CACHED_CHANNELS = 100_000;

/** The newest states, in memory. */
export class EmbeddedCache implements StateCache {
  private readonly vectors = new Map<string, Vector>();
  private moved: (channel: string, vector: Vector) => void = () => undefined;

  async put(states: ReadonlyMap<string, Vector>): Promise<void> {
    for (const [channel, vector] of states) {
      const before = this.vectors.get(channel) ?? {};
      const merged = mergeVectors(before, vector);
      this.vectors.delete(channel);
      this.vectors.set(channel, merged);
      if (merged !== before) this.moved(channel, merged);
    }
    for (const channel of this.vectors.keys()) {
      if (this.vectors.size <= MAX_CACHED_CHANNELS) return;
      this.vectors.delete(channel);
    }
  }

  async get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>> {
    const found = new Map<string, Vector>();
    for (const channel of channels) {
      const vector = this.vectors.get(channel);
      if (vector) found.set(channel, vector);
    }
    return found;
  }

  /** The cached state of one channel. */
  vectorOf(channel: string): Vector | undefined {
    return this.vectors.get(channel);
  }

  /** Calls `moved` for each state that changed, so that the directory updates its digests. */
  listen(moved: (channel: string, vector: Vector) => void): void {
    this.moved = moved;
  }
}
