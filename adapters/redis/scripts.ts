import { RedisScript } from './script';

/*
 * Only these scripts change a bucket's keys, and each one only keys with the bucket's hash tag. In
 * each `held` hash the field '' is the sum of the channels' and values' fields. A lost `held` key
 * loses both, so no loss of keys makes a digest wrong. Each names the key `none` too (`keys.ts`).
 */

/**
 * Writes a worker's beat and address, if the beat is greater than the one there.
 * KEYS: leases. ARGV: worker, beat, code and address, ms to keep.
 */
export const RENEW = new RedisScript(`
local beat = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+) ')
if beat and tonumber(beat) >= tonumber(ARGV[2]) then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
`);

/**
 * Removes a worker's lease, if it still has this beat.
 * KEYS: leases. ARGV: worker, beat.
 */
export const REMOVE_LEASE = new RedisScript(`
local beat = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+) ')
if beat == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
`);

/**
 * Keeps the newer states of a channel, updates the sums of the workers that watch it, and returns
 * their ids: a dispatcher needs them next, and a second request would cost it as much as this one.
 * Of one field, the greater version is kept: each put has an origin's whole state of a type.
 * KEYS: state, subs, none. ARGV: seconds to keep, channel, prefix of held, the channel's own sum,
 * then field, version, sum, and code and text of each state.
 */
export const PUT_NEWER = new RedisScript(`
local moved = false
local by = 0
for i = 5, #ARGV, 4 do
  local there = redis.call('HGET', KEYS[1], ARGV[i])
  local version, sum = string.match(there or '', '^(%-?%d+) (%d+) ')
  if not version or tonumber(ARGV[i + 1]) > tonumber(version) then
    local text = ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3]
    redis.call('HSET', KEYS[1], ARGV[i], text)
    by = by + tonumber(ARGV[i + 2]) - tonumber(sum or 0)
    moved = true
  end
end
if #ARGV > 4 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
local watchers = redis.call('SMEMBERS', KEYS[2])
if not moved then return watchers end
local watching = {}
local sum = tonumber(ARGV[4]) + redis.call('HINCRBY', KEYS[1], '', by)
for _, id in ipairs(watchers) do
  local held = ARGV[3] .. id
  local before = redis.call('HGET', held, ARGV[2])
  if before then
    redis.call('HSET', held, ARGV[2], sum)
    redis.call('HINCRBY', held, '', sum - tonumber(before))
    watching[#watching + 1] = id
  else
    redis.call('SREM', KEYS[2], id)
  end
end
return watching
`);

/**
 * Changes the channels that a worker watches in a bucket. Its values of leased feeds, whose fields
 * have '=', and the beat of its removal, '!', stay.
 * KEYS: held, none. ARGV: worker, ms to keep, prefix of subs, prefix of state, 1 to drop the
 * channels that are not joined here, the number of channels to leave, their names, then the name
 * and own sum of each channel to join.
 */
export const CHANGE = new RedisScript(`
local id, keep, subs, states = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local by = 0
local function drop(channel)
  local before = redis.call('HGET', KEYS[1], channel)
  redis.call('SREM', subs .. channel, id)
  if before then
    redis.call('HDEL', KEYS[1], channel)
    by = by - tonumber(before)
  end
end
local joins = 7 + tonumber(ARGV[6])
for i = 7, joins - 1 do drop(ARGV[i]) end
if ARGV[5] == '1' then
  local joined = {}
  for i = joins, #ARGV, 2 do joined[ARGV[i]] = true end
  for _, channel in ipairs(redis.call('HKEYS', KEYS[1])) do
    local isChannel = channel ~= '' and channel ~= '!' and not string.find(channel, '=', 1, true)
    if isChannel and not joined[channel] then drop(channel) end
  end
end
for i = joins, #ARGV, 2 do
  local channel = ARGV[i]
  local sum = tonumber(ARGV[i + 1]) + tonumber(redis.call('HGET', states .. channel, '') or 0)
  local before = redis.call('HGET', KEYS[1], channel)
  redis.call('SADD', subs .. channel, id)
  redis.call('PEXPIRE', subs .. channel, keep)
  redis.call('HSET', KEYS[1], channel, sum)
  by = by + sum - tonumber(before or 0)
end
if by ~= 0 then redis.call('HINCRBY', KEYS[1], '', by) end
if redis.call('HLEN', KEYS[1]) > 1 or redis.call('HEXISTS', KEYS[1], '!') == 1 then
  redis.call('PEXPIRE', KEYS[1], keep)
else redis.call('DEL', KEYS[1]) end
`);

/**
 * Extends the expiry of a worker's channels and values in a bucket.
 * KEYS: held, none. ARGV: ms to keep, prefixes of subs and leased.
 */
export const KEEP = new RedisScript(`
if redis.call('PEXPIRE', KEYS[1], ARGV[1]) == 0 then return end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field ~= '' and field ~= '!' then
    local isValue = string.find(field, '=', 1, true)
    redis.call('PEXPIRE', (isValue and ARGV[3] or ARGV[2]) .. field, ARGV[1])
  end
end
`);

/**
 * Returns the sum of a worker's bucket. Drops each channel whose `subs` key is lost, for example
 * evicted, so that the worker finds the bucket unequal and joins it again; and each value that
 * `leased` keys have lost. A value that was withdrawn stays as 0 until its feed's version is
 * cached, so that a removal of the worker still publishes the feed. One EXISTS for up to 1,000
 * channels is far cheaper than a call for each.
 * KEYS: held, none. ARGV: prefixes of subs and leased, worker, prefix of state, origin.
 */
export const CHECK = new RedisScript(`
local channels, keys = {}, {}
local function drop(field)
  redis.call('HINCRBY', KEYS[1], '', 0 - tonumber(redis.call('HGET', KEYS[1], field)))
  redis.call('HDEL', KEYS[1], field)
end
local function dropValue(field)
  local type, channel = string.match(field, '^([^=]+)=(.*)$')
  local version = string.match(redis.call('HGET', ARGV[2] .. field, '') or '', '^(%d+) ')
  local state = redis.call('HGET', ARGV[4] .. channel, type .. '/' .. ARGV[5]) or ''
  local isCached = version and version == string.match(state, '^(%d+) ')
  drop(field)
  if version and not isCached then redis.call('HSET', KEYS[1], field, 0) end
end
local function check()
  if #keys == 0 or redis.call('EXISTS', unpack(keys)) == #keys then return end
  for at, key in ipairs(keys) do
    if redis.call('EXISTS', key) == 0 then drop(channels[at]) end
  end
end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.find(field, '=', 1, true) then
    if redis.call('HEXISTS', ARGV[2] .. field, ARGV[3]) == 0 then dropValue(field) end
  elseif field ~= '' and field ~= '!' then
    channels[#channels + 1] = field
    keys[#keys + 1] = ARGV[1] .. field
  end
  if #keys == 1000 then
    check()
    channels, keys = {}, {}
  end
end
check()
return redis.call('HGET', KEYS[1], '')
`);
