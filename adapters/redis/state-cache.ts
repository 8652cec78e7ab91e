import type { Redis } from 'ioredis';
import { bucketOf, channelSum, versionSum } from '../../schemas/digest';
import { asLikestreamError } from '../../schemas/errors';
import { type OriginState, originState, type Vector } from '../../schemas/state';
import type { StateCache } from '../state-cache';
import { inBatches } from './batches';
import { heldPrefix, SUM_FIELD, stateKey, subsKey } from './keys';
import { PUT_NEWER } from './scripts';

/** A cached state expires this long after its last write; the saved one stays. */
const KEEP_S = 24 * 3_600;

/** `VERSION SUM STATE` */
const CACHED = /^-?\d+ \d+ (.*)$/s;

/** The newest states in Redis (`keys.ts`). */
export class RedisCache implements StateCache {
  constructor(private readonly redis: Redis) {}

  async put(states: ReadonlyMap<string, Vector>): Promise<void> {
    try {
      await inBatches([...states], ([channel, vector]) => this.putOne(channel, vector));
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  async get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>> {
    try {
      const found = await inBatches(channels, (channel) => this.redis.hgetall(stateKey(channel)));
      const vectors = new Map<string, Vector>();
      for (const [at, channel] of channels.entries()) {
        const vector = parse(found[at] ?? {});
        if (Object.keys(vector).length > 0) vectors.set(channel, vector);
      }
      return vectors;
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  private putOne(channel: string, vector: Vector): Promise<unknown> {
    const states = Object.entries(vector).flatMap(([origin, state]) => [
      ...[origin, state.version, versionSum(channel, origin, state.version)],
      JSON.stringify(state),
    ]);
    const held = heldPrefix(bucketOf(channel));
    return PUT_NEWER.run(
      this.redis,
      [stateKey(channel), subsKey(channel)],
      [KEEP_S, channel, held, channelSum(channel), ...states],
    );
  }
}

function parse(hash: Readonly<Record<string, string>>): Vector {
  const vector: Record<string, OriginState> = {};
  for (const [origin, text] of Object.entries(hash)) {
    if (origin === SUM_FIELD) continue;
    vector[origin] = originState.parse(JSON.parse(CACHED.exec(text)?.[1] ?? ''));
  }
  return vector;
}
