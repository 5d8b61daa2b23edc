/** Writes everything that deciding some ticks brought about, or nothing. */
import { script } from "../script.ts";

/**
 * KEYS: state, generation, ticks, arrivals, log, open alerts, alerts, view, estimates, then for each alert of this commit
 *   its record and its bundle
 * ARGV: expected version, commit id, generation, config hash, tick, cursor, tick of the cursor, arrival of the cursor, bytes, sampled at,
 *   detected at, traceparent or nothing, view, number of estimates, then for each: tick, regions, figures; number of events, then for each: number of
 *   its alert in KEYS (from 0), id, revision, type, data time, network, JSON; number of bundles, then for each: number of its
 *   alert, revision, deflated JSON
 * Returns committed, conflict or superseded.
 *
 * Everything is checked before the first write: a script that fails half-way is not rolled back.
 */
export const COMMIT = script(`
local state, generation, ticks, arrivals, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local open, alerts, view, estimates = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local at = 0
local function take() at = at + 1; return ARGV[at] end

local expectedVersion, commitId = tonumber(take()), take()
local ownGeneration, configHash = tonumber(take()), take()
local tick, cursor, cursorTick, cursorArrival = tonumber(take()), take(), tonumber(take()), tonumber(take())
local bytes, sampledAt, detectedAt, traceparent, viewJson = take(), take(), take(), take(), take()

local inForce = redis.call('HMGET', generation, 'number', 'hash')
local number = tonumber(inForce[1] or '0')
if ownGeneration < number or (ownGeneration == number and inForce[2] ~= configHash) then return 'superseded' end

local stored = redis.call('HMGET', state, 'version', 'tick')
local version, decided = tonumber(stored[1] or '0'), tonumber(stored[2] or '0')
if version ~= expectedVersion or tick <= decided then return 'conflict' end
local tickText = string.format('%.0f', tick)
-- A tick that was stored and not read, or a row that came after reading, must not be passed over.
if redis.call('ZCOUNT', ticks, string.format('(%.0f', cursorTick), tickText) > 0 then return 'conflict' end
for _, arrived in ipairs(redis.call('ZRANGEBYSCORE', arrivals, string.format('(%.0f', cursorArrival), '+inf')) do
  if tonumber(arrived) <= tick then return 'conflict' end
end

-- After Redis lost the newest writes in a failover, the generation that a worker was given may be ahead of ours.
if ownGeneration > number then redis.call('HSET', generation, 'number', ownGeneration, 'hash', configHash) end
redis.call('HSET', state, 'version', version + 1, 'tick', tickText, 'cursor', cursor, 'bytes', bytes,
  'commitId', commitId, 'configHash', configHash, 'generation', ownGeneration)
for _, done in ipairs(redis.call('ZRANGEBYSCORE', ticks, string.format('(%.0f', decided), tickText)) do
  redis.call('ZREM', arrivals, done)
end
if viewJson ~= '' then redis.call('SET', view, viewJson) end

local newest = redis.call('XREVRANGE', estimates, '+', '-', 'COUNT', 1)[1]
local newestTick = newest and tonumber(string.match(newest[1], '^%d+')) or 0
for _ = 1, tonumber(take()) do
  local when, regions, figures = take(), take(), take()
  if tonumber(when) > newestTick then redis.call('XADD', estimates, when .. '-0', 'n', regions, 'v', figures) end
end

local clock = redis.call('TIME')
local publishedAt = string.format('%.0f', tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000))
for _ = 1, tonumber(take()) do
  local record = KEYS[10 + 2 * tonumber(take())]
  local id, revision, type, dataTime, network, json = take(), take(), take(), take(), take(), take()
  -- The same event again (made anew after a failover, or from the same rows) is the event that is already in the log.
  if redis.call('HEXISTS', record, revision) == 0 then
    local fields = {'e', json, 's', sampledAt, 'd', detectedAt, 'p', publishedAt}
    if traceparent ~= '' then fields[9], fields[10] = 't', traceparent end
    local entry = redis.call('XADD', log, '*', unpack(fields))
    redis.call('HSET', record, revision, table.concat({entry, sampledAt, detectedAt, publishedAt, json}, '|'), 'network', network)
    if tonumber(revision) > tonumber(redis.call('HGET', record, 'latest') or '0') then
      redis.call('HSET', record, 'latest', revision)
      redis.call('ZADD', alerts, dataTime, id)
      if type == 'resolved' then redis.call('ZREM', open, id) else redis.call('ZADD', open, dataTime, id) end
    end
  end
end

for _ = 1, tonumber(take()) do
  local place = tonumber(take())
  local record, bundle = KEYS[10 + 2 * place], KEYS[11 + 2 * place]
  local revision, json = take(), take()
  if tonumber(revision) >= tonumber(redis.call('HGET', record, 'bundle') or '0') then
    redis.call('HSET', record, 'bundle', revision)
    redis.call('SET', bundle, json)
  end
end
return 'committed'
`);
