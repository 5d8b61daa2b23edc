import { pino } from "pino";
import { afterAll, expect, it } from "vitest";
import { makeMetrics } from "../../src/metrics/metrics.ts";
import { watchRedis } from "../../src/metrics/redis-watch.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { startTestRedis } from "../support/redis.ts";

const redis = await startTestRedis({ args: ["--maxmemory", "64mb"] });
const connections = makeConnections({ url: redis.url }, { logger: pino({ level: "silent" }) });
afterAll(async () => {
  await connections.close();
  await redis.stop();
});

it("tells what Redis says, and that it is away, without figures that nobody knows", async () => {
  const metrics = makeMetrics({ renderCacheMs: 0 });
  const watch = watchRedis({ redis: connections.open("command"), metrics }, { everyMs: 20 });
  const figures = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      [...(await metrics.render()).matchAll(/^hashfall_redis_(\w+) (\S+)$/gm)].map(([, name, value]) => [
        name,
        Number(value),
      ]),
    );
  await expect.poll(figures, { interval: 10 }).toMatchObject({ up: 1, memory_max_bytes: 64 * 2 ** 20 });
  expect((await figures()).memory_used_bytes).toBeGreaterThan(100_000);
  await redis.kill();
  await expect.poll(figures, { interval: 10 }).toEqual({ up: 0 });
  await redis.start();
  await expect.poll(figures, { interval: 10 }).toMatchObject({ up: 1 });
  watch.stop();
});
