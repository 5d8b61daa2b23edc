/** Gives a lease back. */
import { script } from "../script.ts";

/**
 * KEYS: claims
 * ARGV: tick, token
 */
export const RELEASE_CLAIM = script(`
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.match(held, '^%d+|([^|]*)|') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
`);
