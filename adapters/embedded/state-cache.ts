import { BoundedMap } from '../../runtime/bounded-map';
import type { EventTypes } from '../../schemas/event-types';
import { type Feeds, mergeFeeds } from '../../schemas/state';
import type { StateCache } from '../state-cache';

/** Channels kept; if there are more, those written longest ago are evicted. */
export const MAX_CACHED_CHANNELS = 100_000;

/** The newest states, in memory. */
export class EmbeddedCache implements StateCache {
  private readonly channels = new BoundedMap<string, Feeds>(MAX_CACHED_CHANNELS);
  private changed: (channel: string) => void = () => undefined;

  constructor(private readonly types: Pick<EventTypes, 'isOnStreams' | 'mergeOf'>) {}

  async put(states: ReadonlyMap<string, Feeds>): Promise<undefined> {
    // Merges before it sets: setting one channel may evict another of the same call.
    const merges = [...states].map(([channel, feeds]) => {
      const before = this.channels.get(channel) ?? {};
      return { channel, before, merged: mergeFeeds(this.types.mergeOf, before, feeds) };
    });
    for (const { before, channel, merged } of merges) {
      this.channels.set(channel, merged);
      if (merged !== before) this.changed(channel);
    }
  }

  async get(channels: readonly string[]): Promise<ReadonlyMap<string, Feeds>> {
    const found = new Map<string, Feeds>();
    for (const channel of channels) {
      const feeds = this.channels.get(channel);
      if (feeds) found.set(channel, feeds);
    }
    return found;
  }

  /** The cached states of one channel. */
  feedsOf(channel: string): Feeds | undefined {
    return this.channels.get(channel);
  }

  /** The cached states of one channel, of the types that streams carry: those of the digests. */
  onStreamsOf(channel: string): Feeds {
    const feeds = this.channels.get(channel) ?? {};
    const { isOnStreams } = this.types;
    const names = Object.keys(feeds);
    if (names.every(isOnStreams)) return feeds;
    return Object.fromEntries(Object.entries(feeds).filter(([name]) => isOnStreams(name)));
  }

  /** Calls `changed` for each channel that changed, so that the directory updates its digests. */
  onChange(changed: (channel: string) => void): void {
    this.changed = changed;
  }
}
