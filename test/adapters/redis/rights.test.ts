import { openRedis } from '../../../adapters/redis/client';
import { checkRights } from '../../../adapters/redis/rights';
import { redisServersOf } from '../../../adapters/redis/servers';
import { readSettings } from '../../../runtime/settings/settings';
import { Names } from '../../../schemas/names';
import { RedisProcess } from '../../stack/redis-process';
import { documentedUser } from '../../stack/redis-rights';

const START_MS = 300_000;
const PASSWORD = 'of-likestream';

let server: RedisProcess;

beforeAll(async () => {
  server = await RedisProcess.start({ lines: [documentedUser(PASSWORD)] });
}, START_MS);

afterAll(() => server.end(), START_MS);

/** The line of a process whose user's rights are changed so; undefined if it may do everything. */
async function lineWith(...rules: string[]): Promise<string | undefined> {
  await server.admin.acl('SETUSER', 'likestream', ...rules);
  const settings = readSettings({
    REDIS_URL: `redis://likestream:${PASSWORD}@${server.address}`,
  });
  const redis = openRedis(redisServersOf(settings));
  try {
    await redis.whenReady();
    await checkRights(redis, new Names());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.close();
  }
}

const MORE = 'add it to its rights; the rights are in docs/operating.md, Redis';

it('the documented rights are enough, and leave nothing behind', async () => {
  expect(await lineWith('on')).toBeUndefined();
  expect(await server.admin.keys('*')).toEqual([]);
});

it.each([
  'hset',
  'hexists',
  'hincrby',
  'smembers',
  'pexpire',
  'exists',
  'del',
  'set',
  'get',
  'pttl',
])('a user that may not use %s is told so in one line', async (command) => {
  const name = command.toUpperCase();
  expect(await lineWith(`-${command}`)).toBe(`the user of Redis may not use ${name}: ${MORE}`);
  expect(await lineWith(`+${command}`)).toBeUndefined();
});

it('a user that may not run scripts is told so', async () => {
  const line = await lineWith('-eval', '-evalsha');
  expect(line).toBe(`the user of Redis may not use EVAL and EVALSHA: ${MORE}`);
  expect(await lineWith('+eval', '+evalsha')).toBeUndefined();
});

it('a user with another pattern of keys is told so', async () => {
  expect(await lineWith('resetkeys', '~other:*')).toBe(
    'the user of Redis may not use the keys of NAMESPACE: add ~likestream:* to its rights; ' +
      'the rights are in docs/operating.md, Redis',
  );
  expect(await lineWith('~likestream:*')).toBeUndefined();
});
