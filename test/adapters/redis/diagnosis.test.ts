import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRedis } from '../../../adapters/redis/client';
import { redisServersOf } from '../../../adapters/redis/servers';
import { readSettings } from '../../../runtime/settings/settings';
import { TestAuthority } from '../../stack/certificates';
import { ClusterRedis } from '../../stack/redis-cluster';
import { RedisProcess } from '../../stack/redis-process';
import { PASSWORD, SecuredRedis } from '../../stack/redis-secured';
import { SentinelRedis } from '../../stack/redis-sentinel';

const START_MS = 300_000;
const WRONG_PASSWORD = 'not-the-password';

jest.setTimeout(60_000);

let secured: SecuredRedis;
let certified: SecuredRedis;
let plain: RedisProcess;
let sentinel: SentinelRedis;
let cluster: ClusterRedis;
const folder = mkdtempSync(join(tmpdir(), 'likestream-authority-'));

beforeAll(async () => {
  [secured, certified, plain, sentinel, cluster] = await Promise.all([
    SecuredRedis.start(),
    SecuredRedis.start({ needsCertificate: true }),
    RedisProcess.start({ lines: [] }),
    SentinelRedis.start(),
    ClusterRedis.start(),
  ]);
}, START_MS);

afterAll(async () => {
  await Promise.all([secured, certified, plain, sentinel, cluster].map((one) => one?.end()));
  rmSync(folder, { recursive: true });
}, START_MS);

type Environment = Readonly<Record<string, string | undefined>>;

/** The one line of a process with this environment that cannot use Redis. */
async function lineOf(environment: Environment): Promise<string> {
  const redis = openRedis(redisServersOf(readSettings({ ...environment })));
  try {
    await redis.whenReady();
    return 'ready';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.close();
  }
}

const LOGIN = 'check REDIS_USERNAME and REDIS_PASSWORD';

const MISTAKES: readonly (readonly [string, () => Environment, string])[] = [
  [
    'a wrong password',
    () => ({ ...secured.environment, REDIS_PASSWORD: WRONG_PASSWORD }),
    `refuses the user or password: ${LOGIN}`,
  ],
  [
    'an unknown user',
    () => ({ ...secured.environment, REDIS_USERNAME: 'nobody' }),
    `refuses the user or password: ${LOGIN}`,
  ],
  [
    'no login',
    () => ({ REDIS_URL: secured.environment.REDIS_URL, REDIS_CA_FILE: secured.authority.ca }),
    'requires a login: set REDIS_USERNAME and REDIS_PASSWORD',
  ],
  [
    'no authority',
    () => ({ ...secured.environment, REDIS_CA_FILE: undefined }),
    'is signed by an authority that is not known here: set REDIS_CA_FILE',
  ],
  [
    'another authority',
    () => ({ ...secured.environment, REDIS_CA_FILE: new TestAuthority(folder).ca }),
    'set REDIS_CA_FILE',
  ],
  ['no certificate', () => certified.environment, 'set REDIS_CERT_FILE'],
  [
    'TLS at a port without TLS',
    () => ({ REDIS_URL: `rediss://${plain.address}` }),
    'does not answer by TLS: begin REDIS_URL with redis:, or use the port for TLS',
  ],
  [
    'no TLS at a port with TLS',
    () => ({ REDIS_URL: `redis://${secured.server.address}` }),
    'begin REDIS_URL with rediss:, if this port is for TLS',
  ],
  [
    'a database that is not there',
    () => ({ REDIS_URL: `redis://${plain.address}/99` }),
    'has no such database: change the number at the end of REDIS_URL',
  ],
  [
    'a Cluster that is none',
    () => ({ REDIS_CLUSTER: plain.address }),
    'is no node of a Cluster: unset REDIS_CLUSTER',
  ],
  [
    'a wrong password of a Cluster',
    () => ({ ...cluster.environment, REDIS_PASSWORD: WRONG_PASSWORD }),
    `refuses the user or password: ${LOGIN}`,
  ],
  [
    'a wrong name of the primary',
    () => ({ ...sentinel.environment, REDIS_SENTINEL_NAME: 'mistyped' }),
    'knows no primary mistyped: check REDIS_SENTINEL_NAME',
  ],
  [
    'a wrong password of the Sentinels',
    () => ({ ...sentinel.environment, REDIS_SENTINEL_PASSWORD: WRONG_PASSWORD }),
    'refuses the user or password: check REDIS_SENTINEL_PASSWORD',
  ],
  [
    'no password of the Sentinels',
    () => ({ ...sentinel.environment, REDIS_SENTINEL_PASSWORD: undefined }),
    'requires a login: set REDIS_SENTINEL_PASSWORD',
  ],
  [
    'a wrong password of the primary behind Sentinels',
    () => ({ ...sentinel.environment, REDIS_PASSWORD: WRONG_PASSWORD }),
    `refuses the user or password: ${LOGIN}`,
  ],
  [
    'Sentinels that are servers',
    () => ({
      ...sentinel.environment,
      REDIS_SENTINELS: plain.address,
      REDIS_SENTINEL_PASSWORD: undefined,
    }),
    'is no Sentinel: check REDIS_SENTINELS',
  ],
];

it.each(MISTAKES)('%s is one line that names the setting', async (_, environment, expected) => {
  const line = await lineOf(environment());
  expect(line).toContain(expected);
  expect(line).not.toContain('\n');
  for (const secret of [PASSWORD, WRONG_PASSWORD]) expect(line).not.toContain(secret);
});

it('the right settings are ready', async () => {
  const { cert, key } = certified.authority.sign('likestream');
  const withCertificate = { REDIS_CERT_FILE: cert, REDIS_KEY_FILE: key };
  const { REDIS_CA_FILE } = secured.environment;
  const url = `rediss://likestream:${encodeURIComponent(PASSWORD)}@${secured.server.address}`;
  const right = [
    secured.environment,
    { ...certified.environment, ...withCertificate },
    { REDIS_URL: url, REDIS_CA_FILE },
    sentinel.environment,
    cluster.environment,
    { REDIS_URL: `redis://${plain.address}/1` },
  ];
  for (const each of right) expect(await lineOf(each)).toBe('ready');
});
