/** Notes who took note of an alert. */
import { script } from "../script.ts";

/**
 * KEYS: record of the alert
 * ARGV: JSON
 * Returns 1, or 0 when there is no such alert (and none is made).
 */
export const ACKNOWLEDGE = script(`
if redis.call('HEXISTS', KEYS[1], 'latest') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'ack', ARGV[1])
return 1
`);
