/** Which process sends a webhook's open alerts again: one of all replicas at a time, another one when it died. */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

export interface WebhookLeases {
  /** True for one caller within `leaseMs`, on whatever replica. */
  take(webhook: string, leaseMs: number): Promise<boolean>;
}

export function makeWebhookLeases({ redis, keys }: { redis: RedisClient; keys: Keys }): WebhookLeases {
  return {
    async take(webhook, leaseMs) {
      return (await redis.set(keys.webhookLease(webhook), "held", "PX", leaseMs, "NX")) === "OK";
    },
  };
}
