/** Takes the oldest entries off the alert log, and remembers how far, so that a cursor before that is told. */
import { script } from "../script.ts";

/**
 * KEYS: log, log meta
 * ARGV: id before which entries are too old, number of entries to keep at most, number to remove at most in this call
 * Returns the number removed.
 */
export const TRIM_LOG = script(`
local limit = tonumber(ARGV[3])
local excess = math.min(redis.call('XLEN', KEYS[1]) - tonumber(ARGV[2]), limit)
local entries = redis.call('XRANGE', KEYS[1], '-', '(' .. ARGV[1], 'COUNT', limit)
if excess > #entries then entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', excess) end
if #entries == 0 then return 0 end
local last = entries[#entries][1]
local time, sequence = string.match(last, '^(%d+)-(%d+)$')
redis.call('HSET', KEYS[2], 'trimmed', last)
return redis.call('XTRIM', KEYS[1], 'MINID', '=', time .. string.format('-%.0f', tonumber(sequence) + 1))
`);
