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
  {'HINCRBY', key, 'a', 1}, {'HEXISTS', key, 'a'}, {'HKEYS', key}, {'HLEN', key},
  {'PEXPIRE', key, 1000},
  {'HDEL', key, 'a'},
  {'TIME'}, {'SET', key, 'a', 'NX', 'PX', 1000}, {'GET', key}, {'PTTL', key}, {'DEL', key},
  {'SADD', key, 'a'}, {'SMEMBERS', key}, {'EXISTS', key}, {'EXPIRE', key, 1}, {'SREM', key, 'a'}
}
for _, call in ipairs(calls) do
  local answer = redis.pcall(unpack(call))
  if type(answer) == 'table' and answer['err'] then return call[1] .. '\\n' .. answer['err'] end
end
`);

/** Rejects with one line that names the right which this process's user lacks, if it lacks one. */
export async function checkRights(
  redis: Pick<RedisCommands, 'eval' | 'evalsha'>,
  names: Pick<Names, 'keyPrefix'>,
): Promise<void> {
  const refused = await TRY_ALL.run(redis, [new Keys(names).rights], []).catch(asRefused);
  if (refused === null || refused === undefined) return;
  const [command = '', why = ''] = String(refused).split('\n');
  if (!NO_RIGHT.test(why)) throw new Error(`Redis refuses ${command}: ${why}`);
  const isKey = NO_KEY.test(why);
  const lacking = isKey ? 'the keys of NAMESPACE' : command;
  const right = isKey ? `~${names.keyPrefix}*` : 'it';
  throw new Error(`the user of Redis may not use ${lacking}: add ${right} to its rights; ${MORE}`);
}

/** The refusal of EVAL itself, as text of the same form as the answer of the script. */
function asRefused(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  if (!NO_RIGHT.test(why)) throw error;
  return `EVAL and EVALSHA\n${why}`;
}
