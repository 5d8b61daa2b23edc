/** Adds the means of one hour, unless somebody else did. */
import { script } from "../script.ts";

/**
 * KEYS: hourly estimates
 * ARGV: end of the hour (data time), regions, figures
 * Returns 1 when it was added, 0 when that hour or a later one is there.
 */
export const ADD_HOUR = script(`
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if newest and tonumber(string.match(newest[1], '^%d+')) >= tonumber(ARGV[1]) then return 0 end
redis.call('XADD', KEYS[1], ARGV[1] .. '-0', 'n', ARGV[2], 'v', ARGV[3])
return 1
`);
