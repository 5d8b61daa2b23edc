/** Makes a configuration the one in force. */
import { script } from "../script.ts";

/**
 * KEYS: generation
 * ARGV: hash of the configuration
 * Returns its generation: the same as before when it already is in force, else one more.
 */
export const REGISTER = script(`
local inForce = redis.call('HMGET', KEYS[1], 'number', 'hash')
if inForce[1] and inForce[2] == ARGV[1] then return tonumber(inForce[1]) end
local number = tonumber(inForce[1] or '0') + 1
redis.call('HSET', KEYS[1], 'number', number, 'hash', ARGV[1])
return number
`);
