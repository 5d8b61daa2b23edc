/**
 * Epochs of the alert log. Redis may lose its newest writes in a failover. If a delivered entry is gone, the log does not
 * continue what clients saw, and a new epoch begins.
 */
import { randomBytes } from "node:crypto";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { ENSURE_EPOCH } from "./lua/ensure-epoch.ts";
import { ROTATE_EPOCH } from "./lua/rotate-epoch.ts";
import { runScript } from "./script.ts";

interface Deps {
  readonly redis: RedisClient;
  readonly keys: Keys;
}

/** A random epoch, so that cursors never fit the log of another data folder, or one that was emptied. */
export const newEpoch = (): string => `e${randomBytes(5).toString("hex")}`;

/** The present epoch; begins the first one where there is none. */
export async function currentEpoch({ redis, keys }: Deps): Promise<string> {
  const epoch = await redis.hget(keys.logMeta, "epoch");
  return epoch ?? String(await runScript(redis, ENSURE_EPOCH, [keys.logMeta], [newEpoch()]));
}

/**
 * Begins a new epoch if `lostEntry`, delivered in `epoch`, is gone and no other process has begun one. Returns the present
 * epoch.
 */
export async function rotateEpoch({ redis, keys }: Deps, epoch: string, lostEntry: string): Promise<string> {
  return String(await runScript(redis, ROTATE_EPOCH, [keys.log, keys.logMeta], [epoch, lostEntry, newEpoch()]));
}
