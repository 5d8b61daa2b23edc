/** How far each network has come in Redis: the figures from which a loss is noticed. One round trip. */
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { currentEpoch } from "./log-epoch.ts";

export interface NetworkProgress {
  readonly network: string;
  /** 0 when nothing was ever committed. */
  readonly version: number;
  /** Last decided tick, data time ms; 0 when none. */
  readonly tick: number;
}

export interface StoredProgress {
  /** Of the alert log. */
  readonly epoch: string;
  readonly openAlerts: readonly string[];
  readonly networks: readonly NetworkProgress[];
}

export async function readProgress(
  networks: readonly string[],
  deps: { readonly redis: RedisClient; readonly keys: Keys },
): Promise<StoredProgress> {
  const { redis, keys } = deps;
  const epoch = await currentEpoch(deps);
  const pipeline = redis.pipeline().zrange(keys.openAlerts, "0", "-1");
  for (const network of networks) pipeline.hmget(keys.state(network), "version", "tick");
  const [open, ...states] = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  return {
    epoch,
    openAlerts: open as string[],
    networks: networks.map((network, i) => {
      const [version, tick] = (states[i] ?? []) as (string | null)[];
      return { network, version: Number(version ?? 0), tick: Number(tick ?? 0) };
    }),
  };
}
