/** Takes the lease on polling a tick. */
import { script } from "../script.ts";

/**
 * KEYS: claims, done
 * ARGV: tick, token, lease in ms, number of done marks that are kept, holder
 * Returns 0 when it is held or done, 1 when it is ours, 2 when it is ours because an earlier claimant died with it.
 *
 * Leases run on the server's clock: it is the one that all claimants share.
 */
export const CLAIM = script(`
local claims, done, tick = KEYS[1], KEYS[2], ARGV[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if redis.call('ZSCORE', done, tick) then return 0 end
if redis.call('ZCARD', done) >= tonumber(ARGV[4]) then
  -- Marks this old are gone, and so is the tick.
  local oldest = redis.call('ZRANGE', done, 0, 0)[1]
  if tonumber(tick) < tonumber(oldest) then return 0 end
end
local function expiryOf(claim) return tonumber(string.match(claim, '^(%d+)|')) end
local held = redis.call('HGET', claims, tick)
if held and expiryOf(held) > now then return 0 end
if redis.call('HLEN', claims) > 100 then
  -- Ticks that were claimed and never completed; nobody comes back for them.
  local all = redis.call('HGETALL', claims)
  for i = 1, #all, 2 do
    if expiryOf(all[i + 1]) < now - 3600000 then redis.call('HDEL', claims, all[i]) end
  end
end
redis.call('HSET', claims, tick, string.format('%.0f|%s|%s', now + tonumber(ARGV[3]), ARGV[2], ARGV[5]))
return held and 2 or 1
`);
