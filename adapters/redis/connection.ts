import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisLogin, RedisNode, RedisServers } from './servers';

export const COMMAND_MS = 1_000;
export const CONNECT_MS = 2_000;
export const MAX_RECONNECT_MS = 1_000;

/** A connection that answers nothing for this time is opened anew: its server may be cut off. */
const SILENCE_MS = 3_000;

/** The nodes of a Cluster are asked this often who has which keys, also if none of them fails. */
const LOOK_AT_NODES_MS = 10_000;

/** A command that its node does not take is sent at most this often. */
const MAX_REDIRECTIONS = 8;

/**
 * Errors of a server that is no primary, or has not loaded its data. After a failover behind one
 * address, an open connection still goes to the old primary; a new one goes to the new primary.
 */
const OTHER_SERVER = /\b(READONLY|MASTERDOWN|LOADING)\b/;

const retryStrategy = (times: number): number => Math.min(times * 100, MAX_RECONNECT_MS);

/** Opens connections to a server or a Cluster that are opened again whenever they end. */
export function connectTo(servers: RedisServers): Redis | Cluster {
  const native = servers.kind === 'cluster' ? clusterOf(servers) : serverOf(servers);
  // Without a listener an error would end the process; each command reports its own failure.
  return native.on('error', () => undefined);
}

/** One connection to one node, which is not opened yet and never opened again. */
export function probeOf(
  servers: RedisServers,
  node: RedisNode,
  login: RedisLogin,
  isSentinel: boolean,
): Redis {
  const { database, kind } = servers;
  return new Redis({
    ...optionsOf(servers, login),
    ...node,
    db: isSentinel || kind === 'cluster' ? 0 : database,
    lazyConnect: true,
    retryStrategy: () => null,
  });
}

function serverOf(servers: RedisServers): Redis {
  const { database: db, kind, login, nodes, primary, sentinelLogin, tls } = servers;
  const place = kind === 'sentinel' ? { sentinels: [...nodes], name: primary ?? '' } : nodes[0];
  return new Redis({
    ...optionsOf(servers, login),
    ...place,
    ...{ db, retryStrategy },
    ...(tls && { sentinelTLS: { ...tls }, enableTLSForSentinelMode: true }),
    sentinelPassword: sentinelLogin.password,
    sentinelCommandTimeout: COMMAND_MS,
    sentinelRetryStrategy: retryStrategy,
    // An old primary that only the Sentinels cannot reach would keep its connections.
    failoverDetector: kind === 'sentinel',
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    reconnectOnError: ({ message }) => OTHER_SERVER.test(message),
  });
}

function clusterOf(servers: RedisServers): Cluster {
  return new Cluster([...servers.nodes], {
    redisOptions: optionsOf(servers, servers.login),
    // A pipeline of which one key has moved is sent to the key's new node as a whole: reads of the
    // keys that have not moved yet find nothing there.
    enableAutoPipelining: false,
    enableOfflineQueue: false,
    maxRedirections: MAX_REDIRECTIONS,
    slotsRefreshTimeout: CONNECT_MS,
    slotsRefreshInterval: LOOK_AT_NODES_MS,
    clusterRetryStrategy: retryStrategy,
    // The name and not its address, so that the name in a certificate can be checked.
    dnsLookup: (name, found) => found(null, name),
  });
}

function optionsOf({ tls }: RedisServers, login: RedisLogin): RedisOptions {
  return {
    ...login,
    ...(tls && { tls: { ...tls } }),
    maxRetriesPerRequest: 1,
    disableClientInfo: true,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
  };
}
