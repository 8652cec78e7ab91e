import type { StateCache } from '../dispatchers/directory';
import type { StateStore } from '../dispatchers/states';
import type { Clock } from '../runtime/clock';
import { mergeVectors, toVector, type Vector } from '../schemas/state';

/** The cache is left out of an answer if it has not answered by then. */
export const CACHE_WAIT_MS = 200;

/** If the cache has a state, the saved one is left out if it has not arrived this long after. */
export const SAVED_WAIT_MS = 500;

export interface NewestStatesParts {
  readonly cache: Pick<StateCache, 'get'>;
  readonly states: Pick<StateStore, 'load'>;
  readonly clock: Clock;
}

/**
 * A channel's newest state, for those who ask once. Owners write the cache as soon as they have
 * counted, and save later; but the cache may have forgotten or be behind after a restart. So both
 * are read, and the newest version wins, origin by origin.
 */
export class NewestStates {
  constructor(private readonly parts: NewestStatesParts) {}

  /** Rejects with `store_unavailable` if neither the store answers nor the cache has a state. */
  async load(channel: string): Promise<Vector> {
    const saved = this.parts.states.load([channel]).then(toVector);
    // Handled below, once the cache has answered.
    saved.catch(() => undefined);
    const cached = await this.cached(channel);
    if (cached === undefined) return saved;
    const inTime = await this.within(SAVED_WAIT_MS, saved);
    return mergeVectors(cached, inTime ?? {});
  }

  /** Undefined if the cache has no state of the channel, or does not answer. */
  private async cached(channel: string): Promise<Vector | undefined> {
    const found = await this.within(CACHE_WAIT_MS, this.parts.cache.get([channel]));
    return found?.get(channel);
  }

  /** What `work` gives; undefined if it fails, or is not done after `ms`. */
  private within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const late = this.parts.clock.after(ms, () => resolve(undefined));
      const end = (result?: T): void => {
        late.cancel();
        resolve(result);
      };
      work.then(end, () => end());
    });
  }
}
