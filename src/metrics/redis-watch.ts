/** Asks Redis by a timer how it is, so that a scrape need not. */
import type { RedisClient } from "../store/connect.ts";
import type { Metrics } from "./metrics.ts";

export interface RedisWatch {
  stop(): void;
}

export interface RedisWatchOptions {
  /** How often Redis is asked, ms. */
  readonly everyMs?: number;
}

const EVERY_MS = 5_000;
/** A question that is not answered for this long is one to a Redis that is away: the client itself waits for its return. */
const ANSWER_MS = 2_000;

/** Refreshes the gauges of Redis until it is stopped; what Redis does not say is absent. */
export function watchRedis(
  deps: { readonly redis: RedisClient; readonly metrics: Metrics },
  options: RedisWatchOptions = {},
): RedisWatch {
  const { up, ping, memoryUsed, memoryMax } = deps.metrics.redis;
  let asking = false;
  let stopped = false;

  const away = (): void => {
    if (stopped) return;
    up.set({}, 0);
    for (const gauge of [ping, memoryUsed, memoryMax]) gauge.remove({});
  };
  const ask = async (): Promise<void> => {
    // An unanswered question stays the only one, however long it takes.
    if (asking) return;
    asking = true;
    const late = setTimeout(away, ANSWER_MS);
    const askedAt = performance.now();
    try {
      await deps.redis.ping();
      clearTimeout(late);
      const seconds = (performance.now() - askedAt) / 1000;
      const info = await memoryInfo(deps.redis);
      if (stopped) return;
      up.set({}, 1);
      ping.set({}, seconds);
      memoryUsed.set({}, field(info, "used_memory") ?? Number.NaN);
      memoryMax.set({}, field(info, "maxmemory") || Number.NaN);
    } catch {
      away();
    } finally {
      clearTimeout(late);
      asking = false;
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), options.everyMs ?? EVERY_MS);
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** Empty where a managed Redis forbids INFO: then the figures are unknown, and Redis is not away. */
async function memoryInfo(redis: RedisClient): Promise<string> {
  return redis.info("memory").catch(() => "");
}

/** A figure of INFO; undefined when it is not there. */
function field(info: string, name: string): number | undefined {
  const text = new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1];
  return text === undefined ? undefined : Number(text);
}
