/** Reads the newest event of some alerts. */
import { script } from "../script.ts";

/**
 * KEYS: records of alerts
 * Returns for each: its newest event as stored and who acknowledged it, one a line, both empty where unknown.
 */
export const LATEST = script(`
local found = {}
for i, record in ipairs(KEYS) do
  local latest = redis.call('HGET', record, 'latest')
  if latest then
    local fields = redis.call('HMGET', record, latest, 'acks', 'ack')
    found[i] = {fields[1] or '', fields[2] or fields[3] or ''}
  else
    found[i] = {'', ''}
  end
end
return found
`);
