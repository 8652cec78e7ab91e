import { RedisScript } from './script';

/*
 * The scripts of leased feeds. As those of `scripts.ts`, each changes only keys of one bucket, and
 * names the key `none`. A contributor's value is in two places, in `leased` and as a sum in `held`:
 * the loss of one of these keys is found by the digest, by CHECK or by the next report.
 */

/** What an answer says of a feed: it had no version; Redis has lost feeds of the bucket. */
export const NEW = 1;
export const LOST = 2;

/** How long all dispatchers learn of lost feeds by their reports; it decides nothing else. */
const LOST_MS = 5_000;

/**
 * Defines `answer`, which gives a feed a new version if it has changed, if the one it has is below
 * `above`, or if it has none; also if the cached version is greater, because then Redis began anew
 * and the cached state is of other values. It adds the feed to `answers` if it has a new version,
 * or one that is not cached: then the dispatcher that computed its state has failed before it was
 * published. It also writes the sums of values again that `held` keys have lost. `isChanged` is
 * nil if the feed gets a new version unless its version is not cached. `isGone`: whether the
 * contributor has no `held` key. `isLost`: whether the bucket lacked a feed that its reporter has
 * seen, now or a short time ago.
 */
const ANSWER = `
local answers = {}
local isGone, isLost = false, false
local function restore(feed, values)
  for at = 1, #values, 2 do
    local id, sum = values[at], string.match(values[at + 1], '^%d+ (%d+) ')
    if id ~= '' and sum and redis.call('HEXISTS', holds .. id, feed) == 0 then
      redis.call('HSET', holds .. id, feed, sum)
      redis.call('HINCRBY', holds .. id, '', sum)
      redis.call('PEXPIRE', holds .. id, keep)
    end
  end
end
local function answer(channel, type, above, isChanged, isRead)
  local feed = type .. '=' .. channel
  local version, first = string.match(redis.call('HGET', leased .. feed, '') or '', '^(%d+) (.*)$')
  local state = redis.call('HGET', states .. channel, type .. '/' .. origin) or ''
  local cached = tonumber(string.match(state, '^(%d+) ') or '-1')
  local isNew = not version
  version = tonumber(version or '0')
  if isChanged == nil then isChanged = cached == version end
  if isNew or isChanged or version < above or version < cached then
    version = math.max(version, cached, above) + 1
    first = first or life
    redis.call('HSET', leased .. feed, '', string.format('%.0f ', version) .. first)
    redis.call('PEXPIRE', leased .. feed, keep)
  elseif not isRead and cached >= version then
    return
  end
  local values = redis.call('HGETALL', leased .. feed)
  restore(feed, values)
  local text = string.format('%.0f', version)
  if isNew and isGone and above > 0 then
    redis.call('SET', leased .. '!', '', 'PX', ${LOST_MS})
    isLost = true
  end
  local news = (isNew and ${NEW} or 0) + (isLost and ${LOST} or 0)
  answers[#answers + 1] = {channel, type, text, first, news, state, values}
end
`;

/**
 * Defines `drop`, which removes a value of the contributor and returns whether there was one; `by`
 * sums the changes of `held`. The field in `held` stays, as 0, until a removal or CHECK finds the
 * feed's version cached: if dispatcher and worker both die now, the removal publishes the feed.
 */
const DROP = `
local by = 0
local function drop(feed)
  by = by - tonumber(redis.call('HGET', KEYS[1], feed) or 0)
  redis.call('HSET', KEYS[1], feed, 0)
  return redis.call('HDEL', leased .. feed, id) == 1
end
`;

/**
 * Writes a contributor's values in a bucket; returns the feeds with new versions.
 * KEYS: held, none. ARGV: ms to keep, prefixes of leased, state and held, origin, a new life,
 * contributor, beat, 1 to drop the values that are not reported here; then channel, type, number,
 * sum, seen version, 1 if there is a value, and value of each report.
 */
export const REPORT = new RedisScript(`
local keep, leased, states, holds, origin, life, id, beat, isWhole = unpack(ARGV, 1, 9)
${ANSWER}
${DROP}
local removed = redis.call('HGET', KEYS[1], '!')
isGone = redis.call('EXISTS', KEYS[1]) == 0
isLost = redis.call('EXISTS', leased .. '!') == 1
if removed and tonumber(beat) <= tonumber(removed) then return answers end
local reported = {}
for at = 10, #ARGV, 7 do
  local channel, type, number, sum, seen, has, value = unpack(ARGV, at, at + 6)
  local feed = type .. '=' .. channel
  local there = redis.call('HGET', leased .. feed, id) or ''
  local old, oldSum, oldValue = string.match(there, '^(%d+) (%d+) (.*)$')
  local isNewer = not old or tonumber(number) > tonumber(old)
  local isChanged = false
  if has == '1' then
    reported[feed] = true
    if isNewer then
      redis.call('HSET', leased .. feed, id, number .. ' ' .. sum .. ' ' .. value)
      isChanged = oldValue ~= value
    else
      sum = oldSum
    end
    local held = redis.call('HGET', KEYS[1], feed)
    if held ~= sum then
      redis.call('HSET', KEYS[1], feed, sum)
      by = by + tonumber(sum) - tonumber(held or 0)
    end
  elseif old and isNewer then
    drop(feed)
    isChanged = true
  end
  redis.call('PEXPIRE', leased .. feed, keep)
  answer(channel, type, tonumber(seen), isChanged, false)
end
if isWhole == '1' then
  for _, feed in ipairs(redis.call('HKEYS', KEYS[1])) do
    local type, channel = string.match(feed, '^([^=]+)=(.*)$')
    if type and not reported[feed] then
      local isChanged, before = drop(feed), #answers
      answer(channel, type, 0, isChanged, false)
      if #answers == before then redis.call('HDEL', KEYS[1], feed) end
    end
  end
end
if by ~= 0 then redis.call('HINCRBY', KEYS[1], '', by) end
if removed or redis.call('HLEN', KEYS[1]) > 1 then redis.call('PEXPIRE', KEYS[1], keep)
else redis.call('DEL', KEYS[1]) end
return answers
`);

/**
 * Drops a lost contributor's values of some types in a bucket, and refuses its reports up to this
 * beat; returns the feeds with new versions. Their sums stay in `held` until these versions are
 * cached: if there are no more values, it returns feeds whose versions are not.
 * KEYS: held, none. ARGV: as REPORT up to beat; the most feeds; the types.
 */
export const REMOVE_VALUES = new RedisScript(`
local keep, leased, states, holds, origin, life, id, beat, most = unpack(ARGV, 1, 9)
${ANSWER}
local removed = tonumber(redis.call('HGET', KEYS[1], '!') or '-1')
if tonumber(beat) > removed then redis.call('HSET', KEYS[1], '!', beat) end
redis.call('PEXPIRE', KEYS[1], keep)
local isLost, dropped = {}, {}
for at = 10, #ARGV do isLost[ARGV[at]] = true end
for _, feed in ipairs(redis.call('HKEYS', KEYS[1])) do
  local type, channel = string.match(feed, '^([^=]+)=(.*)$')
  if isLost[type] then
    if redis.call('HDEL', leased .. feed, id) == 1 then answer(channel, type, 0, true, false)
    else dropped[#dropped + 1] = {channel, type, feed} end
    if #answers == tonumber(most) then return answers end
  end
end
if #answers > 0 then return answers end
for _, one in ipairs(dropped) do
  local before = #answers
  answer(one[1], one[2], 0, false, false)
  if #answers == before then
    redis.call('HINCRBY', KEYS[1], '', 0 - tonumber(redis.call('HGET', KEYS[1], one[3])))
    redis.call('HDEL', KEYS[1], one[3])
  end
  if #answers == tonumber(most) then break end
end
return answers
`);

/**
 * Returns feeds of a bucket.
 * KEYS: leased of the first one, none. ARGV: as REPORT up to life; then channel, type, and the
 * version above which the feed must be, as above the cached one, of each; or -1 if it may have any.
 */
export const READ = new RedisScript(`
local keep, leased, states, holds, origin, life = unpack(ARGV, 1, 6)
${ANSWER}
for at = 7, #ARGV, 3 do
  local above = tonumber(ARGV[at + 2])
  local isChanged = false
  if above >= 0 then isChanged = nil end
  answer(ARGV[at], ARGV[at + 1], above + 1, isChanged, true)
end
return answers
`);
