/** Webhooks whose receiver answered 410 Gone: known to every replica, until a person redrives or changes the address. */
import { createHash } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import type { WebhookConfig } from "./contract.ts";

export class GoneWebhooks {
  readonly #redis: Redis | Cluster;
  readonly #key: string;

  /** @param options.keyTag the hash tag that all keys of this installation carry */
  constructor(options: { readonly keyTag: string }, deps: { readonly redis: Redis | Cluster }) {
    this.#redis = deps.redis;
    this.#key = `{${options.keyTag}}:webhooks-gone`;
  }

  async isGone(webhook: Pick<WebhookConfig, "name" | "url">): Promise<boolean> {
    return (await this.#redis.hget(this.#key, webhook.name)) === addressMark(webhook.url);
  }

  async mark(webhook: Pick<WebhookConfig, "name" | "url">): Promise<void> {
    await this.#redis.hset(this.#key, webhook.name, addressMark(webhook.url));
  }

  async lift(name: string): Promise<void> {
    await this.#redis.hdel(this.#key, name);
  }
}

/** The address itself may be a secret, and is not kept. */
function addressMark(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 16);
}
