import { BoundedMap } from '../../runtime/bounded-map';
import { mergeVectors, type Vector } from '../../schemas/state';
import type { StateCache } from '../state-cache';

/** Channels kept; if there are more, those written longest ago are evicted. */
export const MAX_CACHED_CHANNELS = 100_000;

/** The newest states, in memory. */
export class EmbeddedCache implements StateCache {
  private readonly vectors = new BoundedMap<string, Vector>(MAX_CACHED_CHANNELS);
  private changed: (channel: string, vector: Vector) => void = () => undefined;

  async put(states: ReadonlyMap<string, Vector>): Promise<void> {
    // Merges before it sets: setting one channel may evict another of the same call.
    const merges = [...states].map(([channel, vector]) => {
      const before = this.vectors.get(channel) ?? {};
      return { channel, before, merged: mergeVectors(before, vector) };
    });
    for (const { before, channel, merged } of merges) {
      this.vectors.set(channel, merged);
      if (merged !== before) this.changed(channel, merged);
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

  /** Calls `changed` for each state that changed, so that the directory updates its digests. */
  onChange(changed: (channel: string, vector: Vector) => void): void {
    this.changed = changed;
  }
}
