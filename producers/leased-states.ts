import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import { withDeadline } from '../runtime/deadline';
import { LikestreamError } from '../schemas/errors';
import type { LeasedType } from '../schemas/event-type';
import { type Feeds, type State, toFeeds, type Versioned } from '../schemas/state';
import { CACHE_WAIT_MS, SAVED_WAIT_MS } from './newest-states';

export interface LeasedStatesOptions {
  readonly cache: Pick<StateCache, 'get'>;
  readonly states: Pick<StateStore, 'load'>;
  readonly clock: Pick<Clock, 'after' | 'now'>;
}

/**
 * Reads the states of leased feeds for a GET. They are in the cache while a process contributes to
 * them. A saved state is an older one: without a cached state, no process contributes any more.
 */
export class LeasedStates {
  constructor(private readonly options: LeasedStatesOptions) {}

  /**
   * By channel, the states of its feeds of these types. Rejects with `directory_unavailable` if the
   * cache does not answer, and with `store_unavailable` if a saved state is needed.
   */
  async load(
    channels: readonly string[],
    types: readonly LeasedType[],
  ): Promise<ReadonlyMap<string, Feeds>> {
    const { cache, clock } = this.options;
    const reading = this.saved(channels, types);
    // A rejection is handled below, once the cache has answered.
    reading.catch(() => undefined);
    const late = new LikestreamError('directory_unavailable', 'the cache does not answer');
    const cached = await withDeadline(clock, CACHE_WAIT_MS, cache.get(channels), late);
    const isKnown = channels.every((channel) => hasAll(cached.get(channel), types));
    const slow = new LikestreamError('store_unavailable', 'the saved states are late');
    const inTime = withDeadline(clock, SAVED_WAIT_MS, reading, slow);
    const saved = await (isKnown ? inTime.catch(() => []) : inTime);
    const all = channels.map((channel) => {
      const own = toFeeds(saved.filter((state) => state.channel === channel));
      return [channel, this.joined(cached.get(channel) ?? {}, own, types)] as const;
    });
    return new Map(all);
  }

  private async saved(channels: readonly string[], types: readonly LeasedType[]) {
    const { states } = this.options;
    const areSaved = types.filter(({ saveEveryMs }) => saveEveryMs !== undefined);
    const loaded = areSaved.map(({ name }) => states.load(channels, name));
    return (await Promise.all(loaded)).flat() as State[];
  }

  /** The cached states, and those of other origins as they are without contributions. */
  private joined(cached: Feeds, saved: Feeds, types: readonly LeasedType[]): Feeds {
    const feeds: Record<string, Record<string, Versioned>> = {};
    for (const { name, policy } of types) {
      const feed: Record<string, Versioned> = {};
      for (const [origin, { state, version }] of Object.entries(saved[name] ?? {})) {
        feed[origin] = { version, state: policy.next(state, undefined, this.options.clock.now()) };
      }
      feeds[name] = { ...feed, ...cached[name] };
    }
    return feeds;
  }
}

function hasAll(cached: Feeds | undefined, types: readonly LeasedType[]): boolean {
  return types.every(({ name }) => cached?.[name] !== undefined);
}
