/** For each webhook, the event of the alert log up to which deliveries were queued. All replicas share it. */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { runScript, script } from "./script.ts";

/**
 * KEYS: hash of cursors
 * ARGV: webhook, cursor that was read, new cursor
 * Returns 1, or 0 when another replica has moved it meanwhile.
 */
const ADVANCE = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`);

export interface WebhookCursors {
  /** Cursor of the last event that was queued. A webhook without one is given `first`. */
  get(webhook: string, first: () => Promise<string>): Promise<string>;
  /** False when another replica was first: read the cursor again. */
  advance(webhook: string, from: string, to: string): Promise<boolean>;
}

export function makeWebhookCursors({ redis, keys }: { redis: RedisClient; keys: Keys }): WebhookCursors {
  const key = keys.webhookCursors;
  return {
    async get(webhook, first) {
      const cursor = await redis.hget(key, webhook);
      if (cursor !== null) return cursor;
      await redis.hsetnx(key, webhook, await first());
      return (await redis.hget(key, webhook)) ?? first();
    },
    async advance(webhook, from, to) {
      return (await runScript(redis, ADVANCE, [key], [webhook, from, to])) === 1;
    },
  };
}
