import type { Names } from '../../schemas/names';
import type { RedisCommands } from './commands';
import { Keys } from './keys';
import { RedisScript } from './script';

/** Errors of a user that lacks a right, outside and inside of a script. */
const NO_RIGHT = /NOPERM|has no permissions|user executing the script/i;

const NO_KEY = /\bkeys?\b/;

const MORE = 'the rights are in docs/operating.md, Redis';

/**
 * Runs each command of the scripts and adapters; returns the first one that is refused, and why.
 * KEYS: any of the namespace, which is deleted.
 */
const TRY_ALL = new RedisScript(`
local key = KEYS[1]
local calls = {
  {'DEL', key}, {'HSET', key, 'a', 1}, {'HGET', key, 'a'}, {'HGETALL', key},
  {'HINCRBY', key, 'a', 1}, {'HKEYS', key}, {'HLEN', key}, {'PEXPIRE', key, 1000}, {'HDEL', key, 'a'},
  {'SADD', key, 'a'}, {'SMEMBERS', key}, {'EXISTS', key}, {'EXPIRE', key, 1}, {'SREM', key, 'a'}
}
for _, call in ipairs(calls) do
  local answer = redis.pcall(unpack(call))
  if type(answer) == 'table' and answer['err'] then return call[1] .. ' ' .. answer['err'] end
end
`);

/** Rejects with one line that names the right which this process's user lacks, if it lacks one. */
export async function checkRights(
  redis: Pick<RedisCommands, 'eval' | 'evalsha'>,
  names: Pick<Names, 'keyPrefix'>,
): Promise<void> {
  const refused = await TRY_ALL.run(redis, [new Keys(names).rights], []).catch((error: unknown) => {
    const { message } = error instanceof Error ? error : new Error(String(error));
    if (!NO_RIGHT.test(message)) throw error;
    return NO_KEY.test(message) ? message : `EVAL and EVALSHA ${message}`;
  });
  if (refused === null || refused === undefined) return;
  const answer = String(refused);
  if (!NO_RIGHT.test(answer)) throw new Error(answer);
  const right = NO_KEY.test(answer)
    ? `the keys of NAMESPACE: add ~${names.keyPrefix}* to its rights`
    : `${answer.replace(/ \S*(NOPERM|ERR|The user|has no).*/s, '')}: add it to its rights`;
  throw new Error(`the user of Redis may not use ${right}; ${MORE}`);
}
