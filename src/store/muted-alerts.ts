/**
 * Which revisions of which alert a silence muted for a webhook. They are sent when the silence ends. A webhook that was sent the
 * alert before its first muted revision is also sent its end. One hash for all replicas.
 */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { runScript, script } from "./script.ts";

export interface MutedAlert {
  readonly webhook: string;
  readonly alertId: string;
  /** First and last revision that were muted since the webhook was last sent this alert. */
  readonly first: number;
  readonly last: number;
  /** Real time of the newest muting, ms. */
  readonly at: number;
}

export interface MutedAlerts {
  mute(webhook: string, alert: { readonly id: string; readonly revision: number }, at: number): Promise<void>;
  get(webhook: string, alertId: string): Promise<MutedAlert | null>;
  list(): Promise<readonly MutedAlert[]>;
  /** Deletes the entry unless a revision after `revision` was muted. */
  clear(webhook: string, alert: { readonly id: string; readonly revision: number }): Promise<void>;
}

/**
 * KEYS: hash of muted alerts
 * ARGV: field, revision, real time
 */
const MUTE = script(`
local first, last, at = tonumber(ARGV[2]), tonumber(ARGV[2]), ARGV[3]
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept then
  local low, high = string.match(kept, '^(%d+):(%d+):')
  first = math.min(first, tonumber(low))
  last = math.max(last, tonumber(high))
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d:%d:%s', first, last, at))
return 1
`);

/**
 * KEYS: hash of muted alerts
 * ARGV: field, revision that was sent
 */
const CLEAR = script(`
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept and tonumber(string.match(kept, '^%d+:(%d+):')) <= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
`);

export function makeMutedAlerts({ redis, keys }: { redis: RedisClient; keys: Keys }): MutedAlerts {
  const key = keys.mutedAlerts;
  return {
    async mute(webhook, { id, revision }, at) {
      await runScript(redis, MUTE, [key], [fieldOf(webhook, id), revision, at]);
    },
    async get(webhook, alertId) {
      const field = fieldOf(webhook, alertId);
      const value = await redis.hget(key, field);
      return value === null ? null : read(field, value);
    },
    async list() {
      return Object.entries(await redis.hgetall(key)).map(([field, value]) => read(field, value));
    },
    async clear(webhook, { id, revision }) {
      await runScript(redis, CLEAR, [key], [fieldOf(webhook, id), revision]);
    },
  };
}

/** A tilde stands in no webhook's name, so the first one ends it. */
function fieldOf(webhook: string, alertId: string): string {
  return `${webhook}~${alertId}`;
}

function read(field: string, value: string): MutedAlert {
  const end = field.indexOf("~");
  const [first = 0, last = 0, at = 0] = value.split(":").map(Number);
  return { webhook: field.slice(0, end), alertId: field.slice(end + 1), first, last, at };
}
