/** The health of each network's sources, written by the process that polls a tick and read by those that serve. */
import type { SourceHealth } from "../model/source-health.ts";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

export interface SourceHealthStore {
  /** Health by source; empty before the first poll. */
  read(network: string): Promise<ReadonlyMap<string, SourceHealth>>;
  /** Replaces the health of all of the network's sources. Deleted after a day without a poll. */
  write(network: string, all: Iterable<SourceHealth>): Promise<void>;
}

const KEPT_SECONDS = 86_400;

export function makeSourceHealthStore({ redis, keys }: { redis: RedisClient; keys: Keys }): SourceHealthStore {
  return {
    async read(network) {
      const text = await redis.get(keys.sourceHealth(network));
      const all = text === null ? [] : (JSON.parse(text) as readonly SourceHealth[]);
      return new Map(all.map((each) => [each.source, each]));
    },
    async write(network, all) {
      await redis.set(keys.sourceHealth(network), JSON.stringify([...all]), "EX", KEPT_SECONDS);
    },
  };
}
