import { bucketOf, channelSum, versionSum } from '../../schemas/digest';
import { asLikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import type { Names } from '../../schemas/names';
import { type Feeds, type State, toFeeds, type Versioned, versioned } from '../../schemas/state';
import type { StateCache, Watchers } from '../state-cache';
import { inBatches } from './batches';
import type { Codes } from './codes';
import type { RedisCommands } from './commands';
import { Keys, SUM_FIELD } from './keys';
import { PUT_NEWER } from './scripts';

/** A cached state expires this long after its last write; the saved one stays. */
const KEEP_S = 24 * 3_600;

/** `TYPE/ORIGIN` */
const FIELD = /^([^/]+)\/(.+)$/s;

/** `VERSION SUM CODE STATE` */
const CACHED = /^-?\d+ \d+ (\S+) (.*)$/s;

/** A field of `state`, if it has our code; its shape is not verified. */
export function readCached(
  codes: Codes,
  { channel, origin, type }: Pick<State, 'channel' | 'origin' | 'type'>,
  cached: string,
): Versioned | undefined {
  const [, code = '', text = ''] = CACHED.exec(cached) ?? [];
  if (!codes.isSigned(code, 'state', [channel, type, origin], text)) return undefined;
  return versioned.parse(JSON.parse(text));
}

/**
 * The newest states in Redis (`keys.ts`). Each one has a code: what a process without the secret
 * has written is not believed, and the saved state is used.
 */
export class RedisCache implements StateCache {
  private readonly keys: Keys;

  constructor(
    private readonly redis: RedisCommands,
    private readonly types: EventTypes,
    names: Pick<Names, 'keyPrefix'>,
    private readonly codes: Codes,
  ) {
    this.keys = new Keys(names);
  }

  async put(states: ReadonlyMap<string, Feeds>): Promise<Watchers> {
    try {
      return new Map(
        await inBatches([...states], ([channel, feeds]) => this.putOne(channel, feeds)),
      );
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

  private async putOne(channel: string, feeds: Feeds): Promise<[string, readonly string[]]> {
    const states = Object.entries(feeds).flatMap(([type, vector]) =>
      Object.entries(vector).flatMap(([origin, state]) => [
        ...[`${type}/${origin}`, state.version, this.sumOf(channel, type, origin, state.version)],
        this.coded([channel, type, origin], JSON.stringify(state)),
      ]),
    );
    const bucket = bucketOf(channel);
    const watchers = await PUT_NEWER.run(
      this.redis,
      [this.keys.state(channel), this.keys.subs(channel), this.keys.none(bucket)],
      [KEEP_S, channel, this.keys.heldPrefix(bucket), channelSum(channel), ...states],
    );
    return [channel, Array.isArray(watchers) ? watchers.map(String) : []];
  }

  // Frontends have no states of other types, so these are in no digest.
  private sumOf(channel: string, type: string, origin: string, version: number): number {
    return this.types.isOnStreams(type) ? versionSum(channel, type, origin, version) : 0;
  }

  private coded(of: readonly string[], text: string): string {
    return `${this.codes.sign('state', of, text)} ${text}`;
  }

  private parse(channel: string, hash: Readonly<Record<string, string>>): Feeds {
    const states: State[] = [];
    for (const [field, cached] of Object.entries(hash)) {
      if (field === SUM_FIELD) continue;
      const [, type = '', origin = ''] = FIELD.exec(field) ?? [];
      const state = readCached(this.codes, { channel, type, origin }, cached);
      if (state) states.push({ channel, type, origin, ...state });
    }
    return this.types.parseFeeds(toFeeds(states));
  }
}
