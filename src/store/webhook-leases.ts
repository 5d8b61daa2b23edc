/** Leases on sending a webhook's open alerts again: held by one replica at a time, and taken over when it dies. */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

export interface WebhookLeases {
  /** True for exactly one caller of all replicas within `leaseMs`. */
  take(webhook: string, leaseMs: number): Promise<boolean>;
}

export function makeWebhookLeases({ redis, keys }: { redis: RedisClient; keys: Keys }): WebhookLeases {
  return {
    async take(webhook, leaseMs) {
      return (await redis.set(keys.webhookLease(webhook), "held", "PX", leaseMs, "NX")) === "OK";
    },
  };
}
