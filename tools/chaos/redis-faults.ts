import { setTimeout as pause } from 'node:timers/promises';
import { NativeRedis } from '../../test/stack/native-redis';
import { RedisCopy } from '../../test/stack/redis-copy';
import type { Fault, FaultContext } from './fault';

/** Likes, renewals and joins after the copy, which Redis then lacks. */
const LOST_MS = 4_000;

/** The replica lacks the writes of this time before its promotion. */
const BEHIND_MS = 2_000;

/** The promoted replica serves for this time, with several renewals. */
const SERVES_MS = 5_000;

/** Faults after which Redis lacks data. */
export const REDIS_FAULTS: readonly Fault[] = [
  { name: 'redis restarted from an older snapshot', strike: restartFromSnapshot },
  { name: 'redis replica promoted', strike: promoteReplica },
];

async function restartFromSnapshot({ site }: FaultContext): Promise<void> {
  const copy = new RedisCopy(site.folderOf('redis'));
  await pause(LOST_MS);
  await copy.restore(site.stack);
}

/**
 * The primary dies, and a replica that lacks its last 2 s is promoted behind the same address.
 * Later the old primary is promoted again without a loss: now connections lead to a demoted server.
 */
async function promoteReplica({ site }: FaultContext): Promise<void> {
  const replica = await NativeRedis.start();
  try {
    await replica.follow({ port: site.redisPort });
    await replica.promote();
    await pause(BEHIND_MS);
    await site.stack.kill('redis', 'SIGKILL');
    site.redisPort = replica.port;
    await site.stack.start('redis');
    const old = new NativeRedis(site.stack);
    await pause(SERVES_MS);
    await old.follow(replica);
    await old.promote();
    site.redisPort = old.port;
    await replica.follow(old);
    await pause(SERVES_MS);
    old.close();
  } finally {
    await replica.end();
  }
}
