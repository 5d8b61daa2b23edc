/** Forgets alerts that are closed and old; one that is open, or that got news meanwhile, stays. */
import { script } from "../script.ts";

/**
 * KEYS: alerts, open alerts, then for each alert its record and its bundle
 * ARGV: data time at or before which an alert's newest event is old, then the ids
 * Returns the number forgotten.
 */
export const TRIM_ALERTS = script(`
local forgotten = 0
for i = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) <= tonumber(ARGV[1]) and not redis.call('ZSCORE', KEYS[2], ARGV[i]) then
    redis.call('UNLINK', KEYS[2 * i - 1], KEYS[2 * i])
    redis.call('ZREM', KEYS[1], ARGV[i])
    forgotten = forgotten + 1
  end
end
return forgotten
`);
