/**
 * The whole service for many simulated days at the highest speed: memory, Redis and descriptors stay where they are. `DAYS`
 * says how many (half an hour of ticks, a second each: 30 days take 24 minutes). The slope of the heap and the lag of the
 * event loop are printed: a short run and a busy machine say nothing about them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { startTestRedis } from "../../support/redis.ts";
import { SHUTDOWN, startPools, startService, urlOf } from "../../support/service.ts";

const DAYS = Number(process.env.DAYS ?? 2);
const SPEED = 1_800;
const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 5_000;
/** Of what retention keeps of 16 pools and 13 regions: config/docs/operations.md. */
const REDIS_LIMIT_BYTES = 31e6;
/** The heap breathes by tens of megabytes: in a shorter run its slope is that of one breath. */
const DAYS_FOR_SLOPE = 20;
/** Connections that come and go. */
const DESCRIPTORS_SPREAD = 12;

interface Look {
  readonly hours: number;
  readonly heapMegabytes: number;
  readonly redisBytes: number;
  readonly descriptors: number;
  readonly lagSeconds: number;
}

/** Least squares, per hour of real time. */
function slopeOf(looks: readonly Look[], of: (look: Look) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(looks.map(({ hours }) => hours)), mean(looks.map(of))];
  const above = looks.reduce((sum, look) => sum + (look.hours - x) * (of(look) - y), 0);
  return above / looks.reduce((sum, look) => sum + (look.hours - x) ** 2, 0);
}

it(`${DAYS} simulated days leave descriptors, Redis and the log as they should be`, async () => {
  const dir = mkdtempSync("/tmp/hf-soak-");
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const redis = await startTestRedis({ appendonly: true });
  onTestFinished(() => redis.stop());
  const start = SHUTDOWN - DAY_MS;
  const pools = await startPools({ dir, networks: ["bitcoin"], seed: 1, speed: SPEED, start });
  onTestFinished(() => pools.stop());
  const config = JSON.parse(readFileSync(pools.configPath, "utf8"));
  config.networks.bitcoin.interval = "30m";
  writeFileSync(pools.configPath, JSON.stringify(config));
  const service = startService({ pools, roles: ["poll", "detect", "serve"], redisUrl: redis.url });
  onTestFinished(async () => void (await service.stop("SIGKILL")));
  const url = await urlOf(service);
  const admin = redis.client();
  const looks: Look[] = [];
  const began = performance.now();
  while (pools.now() < start + DAYS * DAY_MS) {
    await delay(LOOK_EVERY_MS);
    const text = await (await fetch(`${url}/metrics`)).text();
    const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
    looks.push({
      hours: (performance.now() - began) / 3_600_000,
      heapMegabytes: figure("nodejs_heap_size_used_bytes") / 1e6,
      redisBytes: Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]),
      descriptors: readdirSync(`/proc/${service.pid}/fd`).length,
      lagSeconds: figure("nodejs_eventloop_lag_p99_seconds"),
    });
  }
  const warm = looks.slice(Math.floor(looks.length / 4));
  const of = (name: keyof Look) => warm.map((look) => look[name]).sort((a, b) => a - b);
  const [descriptors, bytes, lags] = [of("descriptors"), of("redisBytes"), of("lagSeconds")];
  console.table({
    "simulated days": DAYS,
    "heap, MB an hour": DAYS < DAYS_FOR_SLOPE ? "-" : slopeOf(warm, ({ heapMegabytes }) => heapMegabytes).toFixed(1),
    "Redis at most, MB": ((bytes.at(-1) ?? 0) / 1e6).toFixed(1),
    descriptors: `${descriptors[0]} to ${descriptors.at(-1)}`,
    "event loop, p99, median of the looks, ms": ((lags[Math.floor(lags.length / 2)] ?? 0) * 1000).toFixed(0),
  });
  expect(descriptors.at(-1)! - descriptors[0]!).toBeLessThanOrEqual(DESCRIPTORS_SPREAD);
  expect(bytes.at(-1)).toBeLessThan(REDIS_LIMIT_BYTES);
  expect(service.output()).not.toContain("MaxListenersExceeded");
  expect(Number(await admin.hget("{hashfall}:state:bitcoin", "tick"))).toBeGreaterThan(start);
});
