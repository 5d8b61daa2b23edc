/** Puts the rows of one tick back as they were. */
import { script } from "../script.ts";

/**
 * KEYS: state, ticks, arrivals, arrival count, rows of the tick
 * ARGV: tick, 1 when also a decided tick is restored, then name and value of each row
 * Returns 1, or 0 when the tick is decided already.
 */
export const RESTORE_ROWS = script(`
local tick = tonumber(ARGV[1])
local decided = tonumber(redis.call('HGET', KEYS[1], 'tick') or '0')
if tick <= decided and ARGV[2] ~= '1' then return 0 end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1]) end
local member = string.format('%.0f', tick)
redis.call('ZADD', KEYS[2], 'NX', tick, member)
redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), member)
return 1
`);
