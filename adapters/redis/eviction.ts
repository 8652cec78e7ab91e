import type { RedisClient } from './client';

const MEMORY_LIMIT = /^maxmemory:(\d+)/m;
const EVICTION_POLICY = /^maxmemory_policy:(\S+)/m;

/**
 * One line if this Redis evicts keys when its memory is full; undefined if it does not. Evicted
 * keys are written again within seconds, but each time viewers wait for them.
 */
export async function evictionWarning(
  redis: Pick<RedisClient, 'memory'>,
): Promise<string | undefined> {
  const policies = (await redis.memory()).map((memory) => {
    const isLimited = Number(MEMORY_LIMIT.exec(memory)?.[1] ?? 0) > 0;
    return isLimited ? EVICTION_POLICY.exec(memory)?.[1] : undefined;
  });
  const policy = policies.find((each) => each !== undefined && each !== 'noeviction');
  if (policy === undefined) return undefined;
  return `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): use noeviction`;
}
