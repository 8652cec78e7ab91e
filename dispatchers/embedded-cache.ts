import { mergeVectors, type Vector } from '../schemas/state';
import type { StateCache } from './directory';

/** Channels kept; beyond it, those written longest ago are forgotten. */
export const MAX_CACHED_CHANNELS = 100_000;

/** The newest states, in memory. */
export class EmbeddedCache implements StateCache {
  private readonly vectors = new Map<string, Vector>();

  async put(states: ReadonlyMap<string, Vector>): Promise<void> {
    for (const [channel, vector] of states) {
      const merged = mergeVectors(this.vectors.get(channel) ?? {}, vector);
      this.vectors.delete(channel);
      this.vectors.set(channel, merged);
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
}
