import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';

const COMMAND_MS = 1_000;
const CONNECT_MS = 2_000;
const MAX_RECONNECT_MS = 1_000;

/**
 * Errors of a server that is no primary, or has not loaded its data. After a failover behind one
 * address, an open connection still goes to the old primary; a new one goes to the new primary.
 */
const OTHER_SERVER = /\b(READONLY|MASTERDOWN|LOADING)\b/;

const MEMORY_LIMIT = /^maxmemory:(\d+)/m;
const EVICTION_POLICY = /^maxmemory_policy:(\S+)/m;

/** Resolves when Redis answers; rejects while it cannot be reached. */
export async function whenReady(redis: Redis): Promise<void> {
  if (redis.status === 'connecting') {
    await new Promise<void>((resolve) => {
      redis.once('ready', resolve);
      redis.once('close', resolve);
    });
  }
  await redis.ping();
}

/** A Redis client that fails fast while Redis is unavailable, and reconnects by itself. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    reconnectOnError: ({ message }) => OTHER_SERVER.test(message),
    retryStrategy: (times) => Math.min(times * 100, MAX_RECONNECT_MS),
  });
  // Without a listener an error would end the process; each command reports its own failure.
  redis.on('error', () => undefined);
  return redis;
}

/**
 * One line if this Redis evicts keys when its memory is full; undefined if it does not. Evicted
 * keys are written again within seconds, but each time viewers wait for them.
 */
export async function evictionWarning(redis: Redis): Promise<string | undefined> {
  const memory = await redis.info('memory');
  const policy = EVICTION_POLICY.exec(memory)?.[1];
  if (!Number(MEMORY_LIMIT.exec(memory)?.[1] ?? 0) || !policy || policy === 'noeviction') return;
  return `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): use noeviction`;
}

/** A Lua script; Redis keeps it by its hash, so only the first run sends the text. */
export class RedisScript {
  private readonly sha1: string;

  constructor(private readonly text: string) {
    this.sha1 = createHash('sha1').update(text).digest('hex');
  }

  /** Runs the script; sends its text if Redis does not have it, for example after a restart. */
  async run(
    redis: Redis,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await redis.evalsha(this.sha1, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return redis.eval(this.text, keys.length, ...keys, ...args);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
