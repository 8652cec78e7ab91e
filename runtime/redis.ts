import { Redis } from 'ioredis';

const COMMAND_MS = 1_000;
const CONNECT_MS = 2_000;
const MAX_RECONNECT_MS = 1_000;

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

/** A Redis client that fails fast while Redis is away, and comes back by itself. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    retryStrategy: (times) => Math.min(times * 100, MAX_RECONNECT_MS),
  });
  // Without a listener an error would end the process; whoever asks is told anyway.
  redis.on('error', () => undefined);
  return redis;
}
