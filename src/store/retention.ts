/** Deletes what is older than the configured retention. This bounds everything in the store. */
import type { RetentionConfig } from "../config/resolve/resolved.ts";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { TRIM_ALERTS } from "./lua/trim-alerts.ts";
import { TRIM_LOG } from "./lua/trim-log.ts";
import { runScript } from "./script.ts";

/** Most deletions in one call to Redis, so that other commands do not wait long. */
const BATCH = 200;
/** Most alerts, whatever their age, so that a faulty network cannot fill the memory. */
export const MAX_ALERTS = 20_000;
export const MAX_LOG_ENTRIES = 100_000;

export interface Forgotten {
  readonly ticks: number;
  readonly estimates: number;
  readonly alerts: number;
  readonly logEntries: number;
}

export interface Retention {
  /**
   * Deletes once; call it every few minutes.
   * @param now data time for samples, estimates and alerts; real time for the log, whose ids are real time
   */
  run(now: { readonly data: number; readonly real: number }): Promise<Forgotten>;
}

export interface RetentionDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
}

export function makeRetention(
  options: { readonly networks: readonly string[]; readonly keep: RetentionConfig },
  { redis, keys }: RetentionDeps,
): Retention {
  async function forgetTicks(network: string, before: number): Promise<number> {
    for (let forgotten = 0; ; ) {
      const ticks = await redis.zrangebyscore(keys.ticks(network), "-inf", `(${before}`, "LIMIT", 0, BATCH);
      if (ticks.length === 0) return forgotten;
      const gone = redis.multi().unlink(...ticks.map((tick) => keys.rows(network, Number(tick))));
      gone.zrem(keys.ticks(network), ...ticks).zrem(keys.arrivals(network), ...ticks);
      await gone.exec();
      forgotten += ticks.length;
    }
  }

  async function forgetAlerts(ids: readonly string[], before: number): Promise<number> {
    if (ids.length === 0) return 0;
    const records = ids.flatMap((id) => [keys.alert(id), keys.bundle(id)]);
    return Number(await runScript(redis, TRIM_ALERTS, [keys.alerts, keys.openAlerts, ...records], [before, ...ids]));
  }

  /** Walks on past the open ones, which stay. */
  async function forgetOldAlerts(before: number): Promise<number> {
    let forgotten = 0;
    for (let kept = 0; ; ) {
      const ids = await redis.zrangebyscore(keys.alerts, "-inf", String(before), "LIMIT", kept, BATCH);
      if (ids.length === 0) return forgotten;
      const gone = await forgetAlerts(ids, before);
      forgotten += gone;
      kept += ids.length - gone;
    }
  }

  async function forgetExcessAlerts(): Promise<number> {
    const excess = (await redis.zcard(keys.alerts)) - MAX_ALERTS;
    let forgotten = 0;
    for (let kept = 0; forgotten + kept < excess; ) {
      const last = kept + Math.min(BATCH, excess - forgotten - kept) - 1;
      const ids = await redis.zrange(keys.alerts, String(kept), String(last));
      if (ids.length === 0) return forgotten;
      const gone = await forgetAlerts(ids, Number.MAX_SAFE_INTEGER);
      forgotten += gone;
      kept += ids.length - gone;
    }
    return forgotten;
  }

  async function forgetLog(before: number): Promise<number> {
    for (let forgotten = 0; ; ) {
      // 0-0 is before everything, and no end of a range.
      const args = [`${Math.max(1, Math.floor(before))}-0`, MAX_LOG_ENTRIES, BATCH];
      const gone = Number(await runScript(redis, TRIM_LOG, [keys.log, keys.logMeta], args));
      if (gone === 0) return forgotten;
      forgotten += gone;
    }
  }

  return {
    async run(now) {
      const { keep } = options;
      let ticks = 0;
      let estimates = 0;
      for (const network of options.networks) {
        ticks += await forgetTicks(network, now.data - keep.samplesMs);
        const series = [
          [keys.estimates(network), now.data - keep.estimatesMs],
          [keys.hourlyEstimates(network), now.data - keep.hourlyEstimatesMs],
        ] as const;
        for (const [key, before] of series) {
          estimates += await redis.xtrim(key, "MINID", `${Math.max(0, Math.floor(before))}-0`);
        }
      }
      const alerts = (await forgetOldAlerts(now.data - keep.alertsMs)) + (await forgetExcessAlerts());
      return { ticks, estimates, alerts, logEntries: await forgetLog(now.real - keep.alertsMs) };
    },
  };
}
