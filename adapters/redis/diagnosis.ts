import type { Redis } from 'ioredis';
import { probeOf } from './connection';
import { explain } from './explain';
import type { RedisLogin, RedisNode, RedisServers } from './servers';

const CLUSTER_STATE = /^cluster_state:(\S+)/m;

/**
 * Why Redis is not ready, in one line with the setting to change. The connections of a Cluster and
 * to Sentinels keep their errors to themselves, so this opens one connection to each node.
 */
export async function diagnose(servers: RedisServers): Promise<string> {
  const look = servers.kind === 'sentinel' ? lookBySentinel : lookAtNode;
  const all = await Promise.all(servers.nodes.map((node) => look(servers, node)));
  const troubles = all.filter((trouble) => trouble !== undefined);
  // A node that is down is the trouble only if no other one says more.
  const [first] = troubles.sort((a, b) => Number(isUnreachable(a)) - Number(isUnreachable(b)));
  return first ?? 'Redis is not ready yet';
}

function isUnreachable(trouble: string): boolean {
  return trouble.includes('cannot be reached');
}

/** The trouble of a server, or of a node of a Cluster; undefined if there is none. */
function lookAtNode(servers: RedisServers, node: RedisNode): Promise<string | undefined> {
  return probe(servers, node, servers.login, async (redis) => {
    if (servers.kind !== 'cluster') return undefined;
    const state = CLUSTER_STATE.exec(await redis.call('CLUSTER', 'INFO').then(String))?.[1];
    if (state === 'ok') return undefined;
    return `the Redis Cluster is not in order (cluster_state:${state}): see CLUSTER NODES`;
  });
}

/** The trouble of a Sentinel, or of the primary that it names. */
async function lookBySentinel(
  servers: RedisServers,
  sentinel: RedisNode,
): Promise<string | undefined> {
  let primary: RedisNode | undefined;
  const trouble = await probe(servers, sentinel, servers.sentinelLogin, async (redis) => {
    const found = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', servers.primary ?? '');
    if (!Array.isArray(found)) {
      const at = `${sentinel.host}:${sentinel.port}`;
      return `the Sentinel at ${at} knows no primary ${servers.primary}: check REDIS_SENTINEL_NAME`;
    }
    primary = { host: String(found[0]), port: Number(found[1]) };
    return undefined;
  });
  return trouble ?? (primary && lookAtNode(servers, primary));
}

/** Connects to a node, asks it, and explains what fails. */
async function probe(
  servers: RedisServers,
  node: RedisNode,
  login: RedisLogin,
  ask: (redis: Redis) => Promise<string | undefined>,
): Promise<string | undefined> {
  const isSentinel = servers.kind === 'sentinel' && login === servers.sentinelLogin;
  const attempt = { node, isSentinel, isTls: servers.tls !== undefined };
  const redis = probeOf(servers, node, login, isSentinel);
  const errors: unknown[] = [];
  redis.on('error', (error) => errors.push(error));
  try {
    await redis.connect();
    const trouble = await ask(redis);
    return errors.length > 0 ? explain(errors[0], attempt) : trouble;
  } catch (error) {
    return explain(errors[0] ?? error, attempt);
  } finally {
    redis.disconnect();
  }
}
