/** Begins a new epoch when an entry that was delivered is gone from the log; once, whoever notices first. */
import { script } from "../script.ts";

/**
 * KEYS: log, log meta
 * ARGV: epoch in which the entry was delivered, id of the entry, name of a new epoch
 * Returns the epoch in force.
 */
export const ROTATE_EPOCH = script(`
local epoch = redis.call('HGET', KEYS[2], 'epoch')
local isGone = #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 0
if not epoch or (epoch == ARGV[1] and isGone) then
  redis.call('HSET', KEYS[2], 'epoch', ARGV[3])
  return ARGV[3]
end
return epoch
`);
