import {
  bucketOf,
  digestOf,
  type Joined,
  type Membership,
  type Renewal,
  type Renewed,
} from '../schemas/delivery';
import { mergeVectors, type State, toVector, type Vector } from '../schemas/state';
import type { Directory, StateCache } from './directory';
import type { StateStore } from './states';

export interface SubscriptionsParts {
  readonly directory: Directory;
  readonly cache: StateCache;
  readonly states: StateStore;
}

/** Answers frontends that subscribe: any dispatcher does it for any frontend. */
export class SubscriptionService {
  constructor(private readonly parts: SubscriptionsParts) {}

  /**
   * Renews the lease and compares what the worker holds with what the directory and the newest
   * states say it should: whatever was lost on the way shows as an unequal bucket.
   */
  async renew({ worker, digest }: Renewal): Promise<Renewed> {
    await this.parts.directory.renew(worker);
    const held = await this.parts.directory.held(worker.id);
    const ours = digestOf(await this.newest(held));
    return { unequal: ours.flatMap((sum, bucket) => (sum === digest[bucket] ? [] : [bucket])) };
  }

  /** Writes the membership first, then reads the states: nothing can fall between the two. */
  async change({ worker, join, leave, buckets }: Membership): Promise<Joined> {
    const surplus = await this.surplus(worker.id, new Set(join), new Set(buckets));
    await this.parts.directory.change(worker.id, join, [...leave, ...surplus]);
    const newest = await this.newest(join);
    return { states: [...newest].map(([channel, vector]) => ({ channel, vector })) };
  }

  private async surplus(
    workerId: string,
    joined: ReadonlySet<string>,
    buckets: ReadonlySet<number>,
  ): Promise<string[]> {
    if (buckets.size === 0) return [];
    const held = await this.parts.directory.held(workerId);
    return held.filter((channel) => buckets.has(bucketOf(channel)) && !joined.has(channel));
  }

  private async newest(channels: readonly string[]): Promise<Map<string, Vector>> {
    const cached = await this.parts.cache.get(channels);
    const missing = channels.filter((channel) => !cached.has(channel));
    const saved = new Map<string, State[]>();
    for (const state of missing.length > 0 ? await this.parts.states.load(missing) : []) {
      saved.set(state.channel, [...(saved.get(state.channel) ?? []), state]);
    }
    const newest = new Map<string, Vector>();
    for (const channel of channels) {
      const vector = cached.get(channel) ?? {};
      newest.set(channel, mergeVectors(vector, toVector(saved.get(channel) ?? [])));
    }
    return newest;
  }
}
