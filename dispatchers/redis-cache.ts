import type { Redis } from 'ioredis';
import { asLikestreamError } from '../schemas/errors';
import { type OriginState, originState, type Vector } from '../schemas/state';
import type { StateCache } from './directory';

/** A state that nothing has changed for so long is forgotten; the saved one is there still. */
const KEEP_S = 24 * 3_600;

// Arguments: how long to keep, then origin, version and state of each.
const PUT_NEWER = `
for i = 2, #ARGV, 3 do
  local there = redis.call('HGET', KEYS[1], ARGV[i])
  local version = there and tonumber(string.match(there, '^(%d+) '))
  if not version or tonumber(ARGV[i + 1]) > version then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
`;

/** The newest states in Redis: `state:CHANNEL`, a hash of \`VERSION STATE\` by origin. */
export class RedisCache implements StateCache {
  constructor(private readonly redis: Redis) {}

  async put(states: ReadonlyMap<string, Vector>): Promise<void> {
    try {
      await Promise.all([...states].map(([channel, vector]) => this.putOne(channel, vector)));
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  async get(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>> {
    try {
      const found = await Promise.all(channels.map((channel) => this.redis.hgetall(key(channel))));
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
    const args = Object.entries(vector).flatMap(([origin, state]) => [
      origin,
      state.version,
      JSON.stringify(state),
    ]);
    return this.redis.eval(PUT_NEWER, 1, key(channel), KEEP_S, ...args);
  }
}

function parse(hash: Readonly<Record<string, string>>): Vector {
  const vector: Record<string, OriginState> = {};
  for (const [origin, text] of Object.entries(hash)) {
    vector[origin] = originState.parse(JSON.parse(text.slice(text.indexOf(' ') + 1)));
  }
  return vector;
}

function key(channel: string): string {
  return `state:${channel}`;
}
