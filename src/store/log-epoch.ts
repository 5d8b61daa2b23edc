/**
 * Epochs of the alert log. Redis may lose its newest writes in a failover; where something that was delivered is gone, the
 * log is no longer the continuation of what clients saw, and its cursors get a new epoch.
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

/** Random: the log of another data folder, or one that was emptied, must not carry on our cursors. */
export const newEpoch = (): string => `e${randomBytes(5).toString("hex")}`;

/** The epoch in force; begins the first one. */
export async function currentEpoch({ redis, keys }: Deps): Promise<string> {
  const epoch = await redis.hget(keys.logMeta, "epoch");
  return epoch ?? String(await runScript(redis, ENSURE_EPOCH, [keys.logMeta], [newEpoch()]));
}

/** Begins a new epoch if `lostEntry`, delivered in `epoch`, is gone and nobody did so before; returns the one in force. */
export async function rotateEpoch({ redis, keys }: Deps, epoch: string, lostEntry: string): Promise<string> {
  return String(await runScript(redis, ROTATE_EPOCH, [keys.log, keys.logMeta], [epoch, lostEntry, newEpoch()]));
}
