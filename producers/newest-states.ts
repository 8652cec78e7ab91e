import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import type { EventTypes } from '../schemas/event-types';
import { mergeVectors, toVector, type Vector } from '../schemas/state';

/** If the cache has not answered after this time, only the saved state is used. */
export const CACHE_WAIT_MS = 200;

/** If the store has not answered this long after the cache, only the cached state is used. */
export const SAVED_WAIT_MS = 500;

export interface NewestStatesOptions {
  readonly types: Pick<EventTypes, 'mergeOf'>;
  readonly cache: Pick<StateCache, 'get'>;
  readonly states: Pick<StateStore, 'load'>;
  readonly clock: Clock;
}

/**
 * Reads a feed's newest state for a GET. Owners write the cache immediately after they have
 * counted, and save the state later; but after a restart the cache may be empty or older. So both
 * are read, and the newest version of each origin wins.
 */
export class NewestStates {
  constructor(private readonly options: NewestStatesOptions) {}

  /**
   * The states of a channel's events of one type. Rejects with `store_unavailable` if the store
   * fails and the cache has no state of them.
   */
  async load(channel: string, type: string): Promise<Vector> {
    const { states, types } = this.options;
    const saved = states.load([channel], type).then(toVector);
    // A rejection is handled below, once the cache has answered.
    saved.catch(() => undefined);
    const cached = await this.cached(channel, type);
    if (cached === undefined) return saved;
    const inTime = await this.within(SAVED_WAIT_MS, saved);
    return mergeVectors(types.mergeOf(type), cached, inTime ?? {});
  }

  /** The cached states; undefined if the cache has none of the feed, or does not answer. */
  private async cached(channel: string, type: string): Promise<Vector | undefined> {
    const found = await this.within(CACHE_WAIT_MS, this.options.cache.get([channel]));
    return found?.get(channel)?.[type];
  }

  /** The result of `work`; undefined if it fails or takes longer than `ms`. */
  private within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const late = this.options.clock.after(ms, () => resolve(undefined));
      const end = (result?: T): void => {
        late.cancel();
        resolve(result);
      };
      work.then(end, () => end());
    });
  }
}
