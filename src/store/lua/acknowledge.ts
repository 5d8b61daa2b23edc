/** Adds an acknowledgement to an alert; none is ever replaced. */
import { script } from "../script.ts";

/**
 * KEYS: record of the alert
 * ARGV: JSON, most acknowledgements
 * Returns 1, 0 when there is no such alert (and none is made), or -1 when it has as many as it may have. They are kept one
 * a line; a record of an earlier version holds one alone, in `ack`.
 */
export const ACKNOWLEDGE = script(`
if redis.call('HEXISTS', KEYS[1], 'latest') == 0 then return 0 end
local kept = redis.call('HGET', KEYS[1], 'acks') or redis.call('HGET', KEYS[1], 'ack') or ''
local lines = 0
if kept ~= '' then
  local _, breaks = string.gsub(kept, '\\n', '')
  lines = breaks + 1
end
if lines >= tonumber(ARGV[2]) then return -1 end
if kept ~= '' then kept = kept .. '\\n' end
redis.call('HSET', KEYS[1], 'acks', kept .. ARGV[1])
return 1
`);
