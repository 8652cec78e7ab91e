import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import type { EventTypes } from '../schemas/event-types';
import { mergeVectors, type State, toVector, type Vector } from '../schemas/state';

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
    return (await this.loadAll([channel], type)).get(channel) ?? {};
  }

  /** As `load`, of several channels in one request to the cache and one to the store. */
  async loadAll(channels: readonly string[], type: string): Promise<ReadonlyMap<string, Vector>> {
    const { states } = this.options;
    const saved = states.load(channels, type).then(byChannel);
    // A rejection is handled below, once the cache has answered.
    saved.catch(() => undefined);
    const cached = await this.cached(channels, type);
    const isWhole = channels.every((channel) => cached.has(channel));
    const inTime = isWhole ? await this.within(SAVED_WAIT_MS, saved) : await saved;
    const all = channels.map((channel) => {
      const [one, other] = [cached.get(channel) ?? {}, inTime?.get(channel) ?? {}];
      return [channel, this.merge(type, one, other)] as const;
    });
    return new Map(all);
  }

  /** The cached states of those channels that have one; none if the cache does not answer. */
  async cached(channels: readonly string[], type: string): Promise<ReadonlyMap<string, Vector>> {
    const found = await this.within(CACHE_WAIT_MS, this.options.cache.get(channels));
    const vectors = new Map<string, Vector>();
    for (const [channel, feeds] of found ?? []) {
      const vector = feeds[type];
      if (vector) vectors.set(channel, vector);
    }
    return vectors;
  }

  /** `one` with what is newer in `other`. */
  merge(type: string, one: Vector, other: Vector): Vector {
    return mergeVectors(this.options.types.mergeOf(type), one, other);
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

function byChannel(states: readonly State[]): ReadonlyMap<string, Vector> {
  const lists = new Map<string, State[]>();
  for (const state of states) {
    const list = lists.get(state.channel);
    if (list) list.push(state);
    else lists.set(state.channel, [state]);
  }
  return new Map([...lists].map(([channel, list]) => [channel, toVector(list)]));
}
