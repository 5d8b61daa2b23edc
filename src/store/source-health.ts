/** How the sources of each network fare, written by whoever polls a tick and read by whoever serves. */
import type { SourceHealth } from "../model/source-health.ts";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

export interface SourceHealthStore {
  /** By source; empty while nobody has polled. */
  read(network: string): Promise<ReadonlyMap<string, SourceHealth>>;
  /** Stands for all of the network's sources; forgotten after a day without a poll. */
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
