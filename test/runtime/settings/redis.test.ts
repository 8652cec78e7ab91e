import { readSettings } from '../../../runtime/settings/settings';

const SENTINEL = { REDIS_SENTINELS: 'a:26379,[::1]:26379', REDIS_SENTINEL_NAME: 'main' };

describe('settings of Redis that can never work are named, with what to do', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['REDIS_URL: must be redis://HOST:PORT', { REDIS_URL: '127.0.0.1:6379' }],
    ['REDIS_URL: must be redis://HOST:PORT', { REDIS_URL: 'https://example.com' }],
    ['REDIS_URL: must be redis://HOST:PORT', { REDIS_URL: 'redis://example.com/zero' }],
    [
      'REDIS_PASSWORD: REDIS_URL has a password',
      { REDIS_URL: 'redis://:a@b', REDIS_PASSWORD: 'c' },
    ],
    ['REDIS_USERNAME: REDIS_URL has a user', { REDIS_URL: 'redis://a:b@c', REDIS_USERNAME: 'd' }],
    ['REDIS_PASSWORD: REDIS_USERNAME needs it', { REDIS_USERNAME: 'likestream' }],
    ['REDIS_PASSWORD: REDIS_USERNAME needs it', { REDIS_URL: 'redis://likestream@b' }],
    ['REDIS_CLUSTER: a Cluster has no Sentinels', { ...SENTINEL, REDIS_CLUSTER: 'a:1' }],
    ['REDIS_URL: a Cluster has database 0', { REDIS_URL: 'redis://a/1', REDIS_CLUSTER: 'a:1' }],
    ['REDIS_CLUSTER.0: must be host:port', { REDIS_CLUSTER: 'redis://a:1' }],
    ['REDIS_SENTINEL_NAME: REDIS_SENTINELS needs', { REDIS_SENTINELS: 'a:26379' }],
    ['REDIS_SENTINEL_NAME: is used with Sentinel', { REDIS_SENTINEL_NAME: 'main' }],
    ['REDIS_SENTINEL_PASSWORD: is used with Sentinel', { REDIS_SENTINEL_PASSWORD: 'x' }],
    ['REDIS_CA_FILE: is used with TLS only: begin REDIS_URL with rediss:', { REDIS_CA_FILE: '/x' }],
    [
      'REDIS_CA_FILE: the file /nothing/there cannot be read (ENOENT)',
      { REDIS_URL: 'rediss://a', REDIS_CA_FILE: '/nothing/there' },
    ],
  ])('%s', (problem, environment) => {
    expect(() => readSettings(environment)).toThrow(problem);
  });

  it('without a password', () => {
    const environment = { REDIS_URL: 'redis://:secret-1@b/c', REDIS_PASSWORD: 'secret-2' };
    const read = () => readSettings(environment);
    expect(read).toThrow();
    expect(read).not.toThrow(/secret/);
  });
});

it('Cluster and Sentinels are lists of host and port', () => {
  const { REDIS_CLUSTER } = readSettings({ REDIS_CLUSTER: 'a:1, b.example.com:2' });
  expect(REDIS_CLUSTER).toEqual(['a:1', 'b.example.com:2']);
  expect(readSettings(SENTINEL).REDIS_SENTINELS).toEqual(['a:26379', '[::1]:26379']);
});
