/** Puts a network back where a backup left it: state, open alerts, silences. All of it, or nothing. */
import { script } from "../script.ts";

/**
 * KEYS: state, ticks, arrivals, log, log meta, open alerts, alerts, view, silences, then for each alert its record and bundle
 * ARGV: version and lineage that were read, new version, tick, sample cursor, config hash, generation, bytes, lineage, view,
 *   newest entry of the log that was told, name of a new epoch; number of silences, then id and JSON of each; number of
 *   restored alerts, then for each: id, score, 1 when open, bundle, number of fields, then name and value of each; number of
 *   alerts that are taken back, then for each: id, revision, data time, JSON
 * Returns 1, or 0 when the state changed meanwhile.
 *
 * The log itself is not restored: what it told, clients have. Its next entries come after the newest one that was told, and
 * a new epoch sends everybody a snapshot.
 */
export const RESTORE_STATE = script(`
local state, ticks, arrivals, log, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local open, alerts, view, silences = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local at, key = 0, 9
local function take() at = at + 1; return ARGV[at] end
local function nextKey() key = key + 1; return KEYS[key] end

local stored = redis.call('HMGET', state, 'version', 'lineage')
local expectedVersion, expectedLineage = take(), take()
if (stored[1] or '0') ~= expectedVersion or (stored[2] or '') ~= expectedLineage then return 0 end

local version, tick, cursor, configHash, generation = take(), take(), take(), take(), take()
local bytes, lineage, viewJson, told, epoch = take(), take(), take(), take(), take()
redis.call('HSET', state, 'version', version, 'tick', tick, 'cursor', cursor, 'bytes', bytes,
  'configHash', configHash, 'generation', generation, 'lineage', lineage)
-- A worker that holds the state of another commit decoded must not go on with it.
redis.call('HDEL', state, 'commitId')
-- Rows of ticks that are decided again must not count as come too late.
for _, arrived in ipairs(redis.call('ZRANGE', arrivals, 0, -1)) do
  if tonumber(arrived) <= tonumber(tick) then redis.call('ZREM', arrivals, arrived) end
end
if viewJson ~= '' then redis.call('SET', view, viewJson) end

local function isAfter(a, b)
  local aTime, aSequence = string.match(a, '^(%d+)-(%d+)$')
  local bTime, bSequence = string.match(b, '^(%d+)-(%d+)$')
  aTime, aSequence, bTime, bSequence = tonumber(aTime), tonumber(aSequence), tonumber(bTime), tonumber(bSequence)
  return aTime > bTime or (aTime == bTime and aSequence > bSequence)
end
redis.call('HSET', meta, 'epoch', epoch)
if isAfter(told, redis.call('HGET', meta, 'trimmed') or '0-0') then redis.call('HSET', meta, 'trimmed', told) end
-- A server whose clock is behind goes on from here too. It refuses where the log is further already.
local placed = redis.pcall('XADD', log, told, 'e', '')
if type(placed) == 'string' then redis.call('XDEL', log, placed) end

for _ = 1, tonumber(take()) do redis.call('HSETNX', silences, take(), take()) end

for _ = 1, tonumber(take()) do
  local record, evidence = nextKey(), nextKey()
  local id, score, isOpen, bundle = take(), take(), take(), take()
  for _ = 1, tonumber(take()) do redis.call('HSET', record, take(), take()) end
  if bundle ~= '' then redis.call('SET', evidence, bundle) end
  redis.call('ZADD', alerts, score, id)
  if isOpen == '1' then redis.call('ZADD', open, score, id) else redis.call('ZREM', open, id) end
end

for _ = 1, tonumber(take()) do
  local record = nextKey()
  nextKey()
  local id, revision, dataTime, json = take(), take(), take(), take()
  local entry = redis.call('XADD', log, '*', 'e', json, 's', '', 'd', '', 'p', '')
  redis.call('HSET', record, revision, table.concat({entry, '', '', '', json}, '|'), 'latest', revision)
  redis.call('ZADD', alerts, dataTime, id)
  redis.call('ZREM', open, id)
end
return 1
`);
