import type { Redis } from 'ioredis';
import { bucketOf, channelSum, versionSum } from '../../schemas/digest';
import { asLikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import type { Names } from '../../schemas/names';
import { type Feeds, type State, toFeeds, versioned } from '../../schemas/state';
import type { StateCache } from '../state-cache';
import { inBatches } from './batches';
import { Keys, SUM_FIELD } from './keys';
import { PUT_NEWER } from './scripts';

/** A cached state expires this long after its last write; the saved one stays. */
const KEEP_S = 24 * 3_600;

/** `TYPE/ORIGIN` */
const FIELD = /^([^/]+)\/(.+)$/s;

/** `VERSION SUM STATE` */
const CACHED = /^-?\d+ \d+ (.*)$/s;

/** The newest states in Redis (`keys.ts`). */
export class RedisCache implements StateCache {
  private readonly keys: Keys;

  constructor(
    private readonly redis: Redis,
    private readonly types: EventTypes,
    names: Pick<Names, 'keyPrefix'>,
  ) {
    this.keys = new Keys(names);
  }

  async put(states: ReadonlyMap<string, Feeds>): Promise<void> {
    try {
      await inBatches([...states], ([channel, feeds]) => this.putOne(channel, feeds));
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  async get(channels: readonly string[]): Promise<ReadonlyMap<string, Feeds>> {
    try {
      const keys = channels.map((channel) => this.keys.state(channel));
      const found = await inBatches(keys, (key) => this.redis.hgetall(key));
      const all = new Map<string, Feeds>();
      for (const [at, channel] of channels.entries()) {
        const feeds = this.parse(channel, found[at] ?? {});
        if (Object.keys(feeds).length > 0) all.set(channel, feeds);
      }
      return all;
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  private putOne(channel: string, feeds: Feeds): Promise<unknown> {
    const states = Object.entries(feeds).flatMap(([type, vector]) =>
      Object.entries(vector).flatMap(([origin, state]) => [
        ...[`${type}/${origin}`, state.version, versionSum(channel, type, origin, state.version)],
        JSON.stringify(state),
      ]),
    );
    const held = this.keys.heldPrefix(bucketOf(channel));
    return PUT_NEWER.run(
      this.redis,
      [this.keys.state(channel), this.keys.subs(channel)],
      [KEEP_S, channel, held, channelSum(channel), ...states],
    );
  }

  private parse(channel: string, hash: Readonly<Record<string, string>>): Feeds {
    const states: State[] = [];
    for (const [field, text] of Object.entries(hash)) {
      if (field === SUM_FIELD) continue;
      const [, type = '', origin = ''] = FIELD.exec(field) ?? [];
      const state = versioned.parse(JSON.parse(CACHED.exec(text)?.[1] ?? ''));
      states.push({ channel, type, origin, ...state });
    }
    return this.types.parseFeeds(toFeeds(states));
  }
}
