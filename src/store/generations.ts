/**
 * Generations of the configuration: every one that took effect has a number, and a worker that still runs an older one
 * can no longer commit.
 */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { REGISTER } from "./lua/register.ts";
import { runScript } from "./script.ts";

export interface Generations {
  /** Makes the configuration with this hash the one in force, and returns its generation: the same hash, the same number. */
  register(configHash: string): Promise<number>;
  /** Null before the first registration. */
  inForce(): Promise<{ readonly generation: number; readonly configHash: string } | null>;
}

export function makeGenerations({ redis, keys }: { redis: RedisClient; keys: Keys }): Generations {
  return {
    async register(configHash) {
      return Number(await runScript(redis, REGISTER, [keys.generation], [configHash]));
    },
    async inForce() {
      const [generation, configHash] = await redis.hmget(keys.generation, "number", "hash");
      return generation && configHash ? { generation: Number(generation), configHash } : null;
    },
  };
}
