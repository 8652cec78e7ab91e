import type { RedisSettings } from '../../runtime/settings/redis';
import { readTlsFiles, type TlsFiles } from '../../runtime/settings/tls-files';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Who this process is at Redis. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
}

/** Where Redis is, and how to log in. */
export interface RedisServers {
  /** One server; the nodes of a Cluster; the primary that Sentinels name. */
  readonly kind: 'server' | 'cluster' | 'sentinel';
  /** The server; or nodes of the Cluster, or Sentinels, from which the others are learned. */
  readonly nodes: readonly RedisNode[];
  /** The primary's name at the Sentinels. */
  readonly primary?: string;
  readonly login: RedisLogin;
  readonly sentinelLogin: RedisLogin;
  readonly database: number;
  readonly tls?: TlsFiles;
}

const DEFAULT_PORT = 6_379;

/** The servers that the settings name; reads the files. */
export function redisServersOf(settings: RedisSettings): RedisServers {
  const url = new URL(settings.REDIS_URL);
  const { REDIS_CLUSTER: cluster, REDIS_SENTINELS: sentinels } = settings;
  const tls = readTlsFiles('REDIS', { ...settings, REDIS_SSL: url.protocol === 'rediss:' });
  const { REDIS_SENTINEL_NAME: primary, REDIS_SENTINEL_PASSWORD: password } = settings;
  const given = (cluster ?? sentinels)?.map((node) => new URL(`redis://${node}`)) ?? [url];
  return {
    kind: cluster ? 'cluster' : sentinels ? 'sentinel' : 'server',
    nodes: given.map(nodeOf),
    ...(primary !== undefined && { primary }),
    login: loginOf(settings, url),
    sentinelLogin: { ...(password !== undefined && { password }) },
    database: Number(url.pathname.slice(1)),
    ...(tls && { tls }),
  };
}

/** The one server at an address, without a login. */
export function redisServer(url: string): RedisServers {
  const { pathname } = new URL(url);
  const [login, sentinelLogin] = [{}, {}];
  const nodes = [nodeOf(new URL(url))];
  return { kind: 'server', nodes, login, sentinelLogin, database: Number(pathname.slice(1)) };
}

function nodeOf({ hostname, port }: URL): RedisNode {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT) };
}

function loginOf({ REDIS_PASSWORD, REDIS_USERNAME }: RedisSettings, url: URL): RedisLogin {
  const username = REDIS_USERNAME ?? decodeURIComponent(url.username);
  const password = REDIS_PASSWORD ?? decodeURIComponent(url.password);
  return { ...(username && { username }), ...(password && { password }) };
}
