/** Marks a tick as polled, and ends the lease on it. */
import { script } from "../script.ts";

/**
 * KEYS: claims, done
 * ARGV: tick, token, number of done marks that are kept
 * Returns 1, or 0 when somebody else has the lease.
 */
export const COMPLETE_CLAIM = script(`
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or string.match(held, '^%d+|([^|]*)|') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -(tonumber(ARGV[3]) + 1))
return 1
`);
