/** Stores the rows of one tick once, and moves those that came too late for it into the next undecided tick. */
import { script } from "../script.ts";

/**
 * KEYS: state, ticks, arrivals, arrival count, rows of the tick, rows of the tick one and two intervals later
 * ARGV: tick, interval, real time of storage, number of rows, then for each row: name, name when moved, value, value when moved
 * Returns added, duplicates, moved, late.
 *
 * A row that is moved leaves an empty field under its name in its own tick, so that the same row coming again is known.
 * Numbers are written with %.0f: Lua would turn a time in milliseconds into 1.64e+12.
 */
export const APPEND = script(`
local state, ticks, arrivals, count, own = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local tick, interval, storedAt = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local rows = tonumber(ARGV[4])
local decided = tonumber(redis.call('HGET', state, 'tick') or '0')

local target, rowsKey, isMoved = tick, own, false
if tick <= decided then
  target = decided + interval
  local intervalsLate = (target - tick) / interval
  if intervalsLate > 2 then return {0, 0, 0, rows} end
  if intervalsLate == 1 then rowsKey = KEYS[6] elseif intervalsLate == 2 then rowsKey = KEYS[7]
  else return redis.error_reply('ERR the interval does not divide the distance of the tick from the decided one') end
  isMoved = true
end

local added, duplicates = 0, 0
for i = 0, rows - 1 do
  local name, movedName = ARGV[5 + i * 4], ARGV[6 + i * 4]
  if not isMoved then
    if redis.call('HSETNX', own, name, ARGV[7 + i * 4]) == 1 then added = added + 1 else duplicates = duplicates + 1 end
  elseif redis.call('HSETNX', own, name, '') == 1 then
    redis.call('HSET', rowsKey, movedName, ARGV[8 + i * 4])
    added = added + 1
  else
    duplicates = duplicates + 1
  end
end

-- A tick that was never stored has no entry in the index by which retention would find its marks.
if isMoved and added > 0 and not redis.call('ZSCORE', ticks, string.format('%.0f', tick)) then
  redis.call('EXPIRE', own, 86400)
end
local member = string.format('%.0f', target)
local isNew = (added > 0 or not isMoved) and redis.call('ZADD', ticks, 'NX', target, member) == 1
if added > 0 or isNew then
  local number = redis.call('INCR', count)
  redis.call('HSET', rowsKey, 'at', storedAt)
  redis.call('ZADD', arrivals, number, member)
end
if isMoved then return {0, duplicates, added, 0} end
return {added, duplicates, 0, 0}
`);
