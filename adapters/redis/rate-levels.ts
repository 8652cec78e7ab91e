import type { Clock } from '../../runtime/clock';
import { asLikestreamError } from '../../schemas/errors';
import { spread } from '../../schemas/hash';
import type { Names } from '../../schemas/names';
import type { RateLevels, RateUse } from '../rate-levels';
import { inBatches } from './batches';
import type { RedisCommands } from './commands';
import { Keys } from './keys';
import { RedisScript } from './script';

/** The parts of all keys; one call has keys of one part, so that a Cluster can run it. */
const PARTS = 16;

/** So many keys are added in one call at most: Redis does nothing else meanwhile. */
const MAX_KEYS_A_CALL = 500;

/**
 * A call that Redis reads later than this adds nothing. While Redis hangs, calls pile up on its
 * connections; they have failed here and are made again, and Redis would add each of them.
 */
export const LATE_MS = 2_000;

/**
 * Adds to levels, each of which falls with time by the clock of Redis. A level is kept until it is
 * 0. A clock that steps back makes levels stay for as long as it was ahead, and no longer than they
 * were kept for.
 * KEYS: levels. ARGV: for each what comes back in a second, and what was used; last the time by
 * that clock after which nothing is added, or 0. Returns the time, and the levels.
 */
const ADD = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest = tonumber(ARGV[2 * #KEYS + 1])
local isLate = latest > 0 and now > latest
local levels = { string.format('%.0f', now) }
for i, key in ipairs(KEYS) do
  local perMs, used = ARGV[2 * i - 1] / 1000, isLate and 0 or tonumber(ARGV[2 * i])
  local level, at = string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$')
  local passed = math.max(0, now - tonumber(at or now))
  local new = math.max(0, tonumber(level or 0) - perMs * passed) + used
  local text, ms = string.format('%.3f', new), math.ceil(new / perMs) + 1
  redis.call('SET', key, text .. ' ' .. string.format('%.0f', now), 'PX', ms)
  levels[i + 1] = text
end
return levels
`);

/** The levels in Redis: `rate:{PART}:KEY` has the level and its time, until it is 0 (`keys.ts`). */
export class RedisRateLevels implements RateLevels {
  private readonly keys: Keys;
  /** By how much the clock of the node of a part is ahead of the monotonic one, ms. */
  private readonly ahead = new Map<number, number>();

  constructor(
    private readonly redis: Pick<RedisCommands, 'eval' | 'evalsha'>,
    names: Pick<Names, 'keyPrefix'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {
    this.keys = new Keys(names);
  }

  async add(uses: readonly RateUse[]): Promise<readonly number[]> {
    const levels = new Map<string, number>();
    try {
      await inBatches(callsOf(uses), async ([part, all]) => {
        const keys = all.map(({ key }) => this.keys.rate(part, key));
        const uses = all.flatMap(({ perS, used }) => [perS, used]);
        const answers = await ADD.run(this.redis, keys, [...uses, this.latest(part)]);
        // The script's answers have this shape.
        const [now, ...sums] = answers as string[];
        this.ahead.set(part, Number(now) - this.clock.monotonic());
        for (const [at, level] of sums.entries()) levels.set(all[at]?.key ?? '', Number(level));
      });
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
    return uses.map(({ key }) => levels.get(key) ?? 0);
  }

  /** When a call that is made now is late, by the clock of Redis; 0 if that is not known yet. */
  private latest(part: number): number {
    const ahead = this.ahead.get(part);
    return ahead === undefined ? 0 : Math.ceil(this.clock.monotonic() + ahead + LATE_MS);
  }
}

/** The uses of each call, with the part of its keys. */
function callsOf(uses: readonly RateUse[]): (readonly [number, readonly RateUse[]])[] {
  const parts = Array.from({ length: PARTS }, (): RateUse[] => []);
  for (const use of uses) parts[spread(use.key) % PARTS]?.push(use);
  return parts.flatMap((all, part) => {
    const calls = Math.ceil(all.length / MAX_KEYS_A_CALL);
    return Array.from({ length: calls }, (_, at) => {
      return [part, all.slice(at * MAX_KEYS_A_CALL, (at + 1) * MAX_KEYS_A_CALL)] as const;
    });
  });
}
