/** Keeps a lease. */
import { script } from "../script.ts";

/**
 * KEYS: claims
 * ARGV: tick, token, lease in ms, holder
 * Returns 1, or 0 when somebody else has it.
 */
export const RENEW_CLAIM = script(`
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or string.match(held, '^%d+|([^|]*)|') ~= ARGV[2] then return 0 end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f|%s|%s', now + tonumber(ARGV[3]), ARGV[2], ARGV[4]))
return 1
`);
