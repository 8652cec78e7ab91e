import type { Names } from '../../schemas/names';
import type { Cooldown, Cooldowns } from '../cooldowns';
import type { RedisCommands } from './commands';
import { Keys } from './keys';
import { RedisScript } from './script';

/**
 * Sets the holder of a cooldown, if it has none. Returns the ms that are left if it has another.
 * KEYS: cooldown. ARGV: holder, ms.
 */
const BEGIN = new RedisScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
return redis.call('PTTL', KEYS[1])
`);

/**
 * Removes a cooldown, if it has this holder.
 * KEYS: cooldown. ARGV: holder.
 */
const END = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/** The cooldowns in Redis: `cooldown:NAME` has the holder, and expires (`keys.ts`). */
export class RedisCooldowns implements Cooldowns {
  private readonly keys: Keys;

  constructor(
    private readonly redis: Pick<RedisCommands, 'eval' | 'evalsha'>,
    names: Pick<Names, 'keyPrefix'>,
  ) {
    this.keys = new Keys(names);
  }

  async begin({ holder, name }: Cooldown, ms: number): Promise<number> {
    const key = this.keys.cooldown(name);
    const left = await BEGIN.run(this.redis, [key], [holder, Math.ceil(ms)]).catch(() => 0);
    return Math.max(Number(left), 0);
  }

  async end({ holder, name }: Cooldown): Promise<void> {
    const key = this.keys.cooldown(name);
    await END.run(this.redis, [key], [holder]).catch(() => undefined);
  }
}
