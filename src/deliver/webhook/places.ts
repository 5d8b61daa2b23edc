/** Up to where in the alert log each webhook's deliveries were queued. Shared by all replicas; moves by compare-and-set. */
import type { Cluster, Redis } from "ioredis";
import { runScript, script } from "../../store/script.ts";

/**
 * KEYS: hash of places
 * ARGV: webhook, place that was read, new place
 * Returns 1, or 0 when another replica has moved it meanwhile.
 */
const MOVE = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`);

export class Places {
  readonly #redis: Redis | Cluster;
  readonly #key: string;

  constructor(options: { readonly keyTag: string }, deps: { readonly redis: Redis | Cluster }) {
    this.#redis = deps.redis;
    this.#key = `{${options.keyTag}}:webhook-places`;
  }

  /** Cursor of the last event that was queued; of a webhook that never had one, `first` from now on. */
  async get(webhook: string, first: () => Promise<string>): Promise<string> {
    const place = await this.#redis.hget(this.#key, webhook);
    if (place !== null) return place;
    await this.#redis.hsetnx(this.#key, webhook, await first());
    return (await this.#redis.hget(this.#key, webhook)) ?? first();
  }

  /** False when another replica was first: read it again. */
  async move(webhook: string, from: string, to: string): Promise<boolean> {
    return (await runScript(this.#redis, MOVE, [this.#key], [webhook, from, to])) === 1;
  }
}
