import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { watchDataFolder } from "../../src/runtime/data-folder.ts";
import { watchLosses } from "../../src/runtime/loss-watch.ts";
import { makeReadiness } from "../../src/runtime/readiness.ts";
import { writeRefusal } from "../../src/store/accepts-writes.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { readProgress } from "../../src/store/stored-progress.ts";
import { INTERVAL, rate, SILENT, storeOn, tick } from "../store/helpers.ts";
import { startTestRedis } from "../support/redis.ts";

const keys = makeKeys("hashfall");
const server = { version: "7.0.0", eviction: "noeviction", appendOnly: true, warnings: [] } as const;

function logbook() {
  const lines: { level: number; msg: string; [field: string]: unknown }[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, errors: () => lines.filter(({ level }) => level >= 50).map(({ msg }) => msg) };
}

async function redisUnderWatch() {
  const redis = await startTestRedis();
  const connections = makeConnections({ url: redis.url }, { logger: SILENT });
  const client = connections.open("command");
  const { logger, errors } = logbook();
  const readiness = makeReadiness(
    { networks: () => [], server, everyMs: 20 },
    { writeRefusal: () => writeRefusal(client, keys), views: { current: async () => null }, logger },
  );
  onTestFinished(async () => {
    readiness.stop();
    await connections.close();
    await redis.stop();
  });
  const check = () => readiness.checks().find(({ name }) => name === "redis");
  await expect.poll(() => check()?.ok, { interval: 10 }).toBe(true);
  return { admin: redis.client(), check, errors };
}

test("a Redis that went away is not ready, in our own words", async () => {
  const { logger } = logbook();
  const gone = new Error("Reached the max retries per request limit (which is 2). Refer to the option for details.");
  const readiness = makeReadiness(
    { networks: () => [], server, everyMs: 20 },
    { writeRefusal: () => Promise.reject(gone), views: { current: async () => null }, logger },
  );
  onTestFinished(() => readiness.stop());
  const check = () => readiness.checks().find(({ name }) => name === "redis");
  await expect
    .poll(() => check()?.detail)
    .toBe("Redis does not answer: Redis went away while a command waited for its answer");
});

test.each([
  ["full", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"], /full.*refuses writes/],
  ["a read-only replica", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"], /read-only.*refuses writes/],
  [
    "short of replicas",
    ["CONFIG", "SET", "min-replicas-to-write", "1"],
    ["CONFIG", "SET", "min-replicas-to-write", "0"],
    /too few replicas/,
  ],
] as const)(
  "a Redis that is %s is not ready, with the reason, and ready again afterwards",
  async (_, fault, end, why) => {
    const { admin, check, errors } = await redisUnderWatch();
    await admin.call(fault[0], ...fault.slice(1));
    await expect.poll(() => check()?.ok, { interval: 10 }).toBe(false);
    expect(check()?.detail).toMatch(why);
    expect(errors()).toEqual([expect.stringMatching(/not ready/)]);
    await admin.call(end[0], ...end.slice(1));
    await expect.poll(() => check()?.ok, { interval: 10 }).toBe(true);
  },
);

test.each([
  ["deleted", (folder: string) => rmSync(folder, { recursive: true })],
  [
    "replaced",
    (folder: string) => {
      renameSync(folder, `${folder}-before`);
      mkdirSync(folder);
    },
  ],
])("a data folder that was %s is a fault, logged at error level once", async (how, change) => {
  const parent = mkdtempSync("/tmp/hf-test-");
  const folder = join(parent, "redis");
  mkdirSync(folder);
  const { logger, errors } = logbook();
  const watch = watchDataFolder({ folder, everyMs: 5 }, { logger });
  onTestFinished(async () => {
    await watch.stop();
    rmSync(parent, { recursive: true });
  });
  await new Promise((resolve) => setImmediate(resolve));
  await expect.poll(() => watch.fault(), { interval: 2 }).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 30));
  change(folder);
  await expect.poll(() => watch.fault(), { interval: 2 }).toMatch(new RegExp(how));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(errors()).toHaveLength(1);
});

test("a flushed Redis is logged at error level: the state, its last tick, and the new epoch", async () => {
  const redis = await startTestRedis();
  onTestFinished(() => redis.stop());
  const store = storeOn(redis, { keyTag: "hashfall" });
  const generation = await store.generations.register("h");
  await store.alertLog.epoch();
  await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1), "a", 1e18)]);
  const { cursor } = await store.samples.readSince("bitcoin", "", tick(1), 10);
  const none = { events: [], bundles: [], views: [], sampledAt: 0, detectedAt: 0 };
  const place = {
    network: "bitcoin",
    expectedVersion: 0,
    commitId: "a",
    generation,
    configHash: "h",
    tick: tick(1),
    cursor,
  };
  expect(await store.states.commit({ ...place, ...none, bytes: Buffer.from("state") })).toBe("committed");
  const { logger, errors } = logbook();
  const watch = watchLosses(
    { everyMs: 5 },
    { progress: () => readProgress(["bitcoin"], { redis: store.redis, keys }), logger },
  );
  onTestFinished(() => watch.stop());
  await expect.poll(() => watch.newestTick(), { interval: 2 }).toBe(tick(1));
  await redis.client().flushall();
  await expect
    .poll(errors, { interval: 5 })
    .toEqual([
      "Redis lost the state of bitcoin: all that was learned through 2022-01-05T10:05:00Z",
      expect.stringMatching(/new epoch/),
    ]);
});
