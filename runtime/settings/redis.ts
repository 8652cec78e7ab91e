import type { z } from 'zod';
import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';
import { tlsProblems } from './tls-files';

/** `HOST:PORT`; an IPv6 address is in brackets. */
const NODE = /^(\[[\da-f:.]+\]|[^:/@\s]+):\d{1,5}$/i;
const node = text.refine((given) => NODE.test(given), 'must be host:port');

/** How Redis is reached, and who this process is there. */
export const REDIS_SETTINGS = {
  REDIS_URL: text.default('redis://127.0.0.1:16379').register(SETTING_INFO, {
    text: 'Redis: the directory of viewers and the cache of states; `rediss:` is TLS',
    note:
      '`rediss://HOST:PORT/DATABASE`. It may hold user and password too. With `REDIS_CLUSTER` or ' +
      '`REDIS_SENTINELS` its host and port are not used.',
  }),
  REDIS_CLUSTER: list(node).optional().register(SETTING_INFO, {
    text: 'Redis Cluster: some of its nodes as `host:port`, by comma',
    unset: 'no Cluster',
  }),
  REDIS_SENTINELS: list(node).optional().register(SETTING_INFO, {
    text: 'Redis Sentinel: the Sentinels as `host:port`, by comma',
    unset: 'no Sentinel',
  }),
  REDIS_SENTINEL_NAME: text.optional().register(SETTING_INFO, {
    text: "the primary's name at the Sentinels, such as mymaster",
    unset: 'no Sentinel',
  }),
  REDIS_SENTINEL_PASSWORD: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: 'password of the Sentinels',
    unset: 'none',
  }),
  REDIS_USERNAME: text.optional().register(SETTING_INFO, {
    text: "user's name at Redis",
    unset: 'that of `REDIS_URL`, or the default user',
  }),
  REDIS_PASSWORD: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: "user's password at Redis",
    unset: 'that of `REDIS_URL`, or no login',
  }),
  REDIS_CA_FILE: text.optional().register(SETTING_INFO, {
    text: 'PEM file with the authorities that sign the certificates of Redis and its Sentinels',
    unset: "Node's list",
  }),
  REDIS_CERT_FILE: text.optional().register(SETTING_INFO, {
    text: "PEM file with this process's certificate for Redis",
    unset: 'none',
    note: 'Read once, at the start, as are `REDIS_CA_FILE` and `REDIS_KEY_FILE`.',
  }),
  REDIS_KEY_FILE: text.optional().register(SETTING_INFO, {
    text: 'PEM file with the key of that certificate, without a passphrase',
    unset: 'none',
  }),
};

export type RedisSettings = z.infer<z.ZodObject<typeof REDIS_SETTINGS>>;

/** What can never work in these settings, each as `NAME: what to do`. No password is in it. */
export function redisProblems(settings: RedisSettings): string[] {
  const url = parseUrl(settings.REDIS_URL);
  if (!url) {
    return ['REDIS_URL: must be redis://HOST:PORT or rediss://HOST:PORT, DATABASE may follow'];
  }
  const tls = { ...settings, REDIS_SSL: url.protocol === 'rediss:' };
  return [
    ...tlsProblems('REDIS', tls),
    ...loginProblems(settings, url),
    ...placeProblems(settings, url),
  ];
}

/** What is unwise in these settings. */
export function redisWarnings({ REDIS_PASSWORD, REDIS_URL }: RedisSettings): string[] {
  const url = parseUrl(REDIS_URL);
  const hasPassword = REDIS_PASSWORD !== undefined || Boolean(url?.password);
  return hasPassword && url?.protocol === 'redis:'
    ? ['REDIS_PASSWORD is sent in the clear without TLS: begin REDIS_URL with rediss:']
    : [];
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  return url && isRedis && url.hostname && /^(\/\d*)?$/.test(url.pathname) ? url : undefined;
}

function loginProblems(settings: RedisSettings, url: URL): string[] {
  const { REDIS_PASSWORD: password, REDIS_USERNAME: name } = settings;
  const problems: string[] = [];
  if (password !== undefined && url.password) {
    problems.push('REDIS_PASSWORD: REDIS_URL has a password too: give it once');
  }
  if (name !== undefined && url.username) {
    problems.push('REDIS_USERNAME: REDIS_URL has a user too: give it once');
  }
  if (password === undefined && !url.password && (name !== undefined || url.username)) {
    problems.push('REDIS_PASSWORD: REDIS_USERNAME needs it: set it');
  }
  return problems;
}

function placeProblems(settings: RedisSettings, url: URL): string[] {
  const { REDIS_CLUSTER: cluster, REDIS_SENTINELS: sentinels } = settings;
  const problems: string[] = [];
  if (cluster && sentinels) {
    problems.push('REDIS_CLUSTER: a Cluster has no Sentinels: unset it, or REDIS_SENTINELS');
  }
  if (cluster && Number(url.pathname.slice(1)) > 0) {
    problems.push(`REDIS_URL: a Cluster has database 0 only: leave out ${url.pathname}`);
  }
  if (sentinels && settings.REDIS_SENTINEL_NAME === undefined) {
    problems.push("REDIS_SENTINEL_NAME: REDIS_SENTINELS needs the primary's name: set it");
  }
  for (const name of ['REDIS_SENTINEL_NAME', 'REDIS_SENTINEL_PASSWORD'] as const) {
    if (!sentinels && settings[name] !== undefined) {
      problems.push(`${name}: is used with Sentinel only: set REDIS_SENTINELS, or unset it`);
    }
  }
  return problems;
}
