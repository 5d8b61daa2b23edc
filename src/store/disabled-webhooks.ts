/** Webhooks whose receiver answered 410 Gone. No replica sends to them until a redrive or another address. */
import { createHash } from "node:crypto";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/** A webhook's name, and the address that it has now. */
export interface WebhookAddress {
  readonly name: string;
  readonly url: string;
}

export interface DisabledWebhooks {
  /** False also when the webhook has another address than the one that answered 410. */
  isDisabled(webhook: WebhookAddress): Promise<boolean>;
  disable(webhook: WebhookAddress): Promise<void>;
  enable(name: string): Promise<void>;
}

export function makeDisabledWebhooks({ redis, keys }: { redis: RedisClient; keys: Keys }): DisabledWebhooks {
  const key = keys.disabledWebhooks;
  return {
    async isDisabled({ name, url }) {
      return (await redis.hget(key, name)) === addressDigest(url);
    },
    async disable({ name, url }) {
      await redis.hset(key, name, addressDigest(url));
    },
    async enable(name) {
      await redis.hdel(key, name);
    },
  };
}

/** The address itself may be a secret, so only its digest is kept. */
function addressDigest(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 16);
}
