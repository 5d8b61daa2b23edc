import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RetentionConfig } from "../../src/config/resolve/resolved.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { makeRetention } from "../../src/store/retention.ts";
import { networkCapBytes } from "../../src/store/retention-cap.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { commitOn, event, INTERVAL, publish, rate, storeOn, type TestStore, tick, view } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const DAY = 86_400_000;
const KEEP: RetentionConfig = {
  samplesMs: 30 * DAY,
  estimatesMs: 35 * DAY,
  hourlyEstimatesMs: 730 * DAY,
  alertsMs: 400 * DAY,
};
const REGIONS = ["KZ", "US-TX", "US", "RU", "CN-XJ", "CN-SC", "CN", "CA", "NO", "IS", "DE", "IR", "OTHER"];

function retentionOf(store: TestStore, tag: string, keep: Partial<RetentionConfig> = {}) {
  return makeRetention(
    { networks: ["bitcoin"], keep: { ...KEEP, ...keep } },
    { redis: store.redis, keys: makeKeys(tag) },
  );
}

/** Samples and a commit for each of some ticks. */
async function live(store: TestStore, from: number, to: number): Promise<void> {
  const pools = Array.from({ length: 16 }, (_, i) => `pool-number-${i}`);
  for (let n = from; n <= to; n++) {
    const rows = pools.map((pool, i) =>
      rate(tick(n), pool, 2.345678912345e19 + n * 1e15 + i, {
        source: `reported:${pool}`,
        observedAt: tick(n) - 61_000,
      }),
    );
    await store.samples.append("bitcoin", tick(n), INTERVAL, rows);
    const state = await store.states.load("bitcoin");
    const { cursor } = await store.samples.readSince("bitcoin", state.cursor, tick(n), 10);
    const estimates = REGIONS.map((region, i) => ({
      region,
      hashrate: 1e19 + n * 1e12 + i,
      expected: 1.1e19,
      drop: 0.1,
    }));
    const commit = commitOn(state, tick(n), { cursor, views: [view(tick(n), estimates, 3e20)] });
    expect(await store.states.commit(commit)).toBe("committed");
  }
}

async function memory(store: TestStore, pattern: string): Promise<number> {
  const names = await store.redis.keys(pattern);
  const sizes = await Promise.all(names.map((name) => store.redis.call("MEMORY", "USAGE", name, "SAMPLES", "0")));
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}

describe("retention", () => {
  test("forgets samples and estimates by data time, and keeps the rest", async () => {
    const store = storeOn(server, { keyTag: "forgets" });
    await live(store, 1, 450);
    const now = { data: tick(450), real: Date.now() };
    const keep = { samplesMs: 100 * INTERVAL, estimatesMs: 200 * INTERVAL, hourlyEstimatesMs: 300 * INTERVAL };
    const forgotten = await retentionOf(store, "forgets", keep).run(now);
    // Hours end at ticks 12, 24 ... 444; kept are those from tick 150 on.
    expect(forgotten).toEqual({ ticks: 349, estimates: 249 + 12, alerts: 0, logEntries: 0 });
    const kept: number[] = [];
    for await (const { at, rows } of store.samples.range("bitcoin", 0, tick(999))) {
      kept.push(at);
      expect(rows).toHaveLength(16);
    }
    expect([kept[0], kept.length]).toEqual([tick(350), 101]);
    expect(await store.redis.keys("{forgets}:rows:*")).toHaveLength(101);
    const fine = await store.views.history({
      network: "bitcoin",
      from: 0,
      to: tick(999),
      stepMs: INTERVAL,
      limit: 999,
    });
    expect([fine[0]?.at, fine.length]).toEqual([tick(250), 201]);
    const hours = await store.views.history({
      network: "bitcoin",
      from: 0,
      to: tick(999),
      stepMs: 3_600_000,
      limit: 999,
    });
    expect(hours[0]?.at).toBe(tick(156));
    expect(await retentionOf(store, "forgets", keep).run(now)).toEqual({
      ticks: 0,
      estimates: 0,
      alerts: 0,
      logEntries: 0,
    });
  });

  test("forgets closed alerts with their evidence, and never an open one", async () => {
    const store = storeOn(server, { keyTag: "closed" });
    const bundle = (id: string) => ({ id, revision: 1, bundle: {} });
    const events = [event("old-open", 1, tick(1)), event("old", 1, tick(1)), event("new", 1, tick(1))];
    await publish(store, events, { bundles: events.map(({ id }) => bundle(id)) });
    await publish(store, [event("old", 2, tick(2), { type: "resolved" })]);
    await publish(store, [event("new", 2, tick(90), { type: "resolved" })]);
    const now = { data: tick(100), real: 0 };
    expect(await retentionOf(store, "closed", { alertsMs: 50 * INTERVAL }).run(now)).toMatchObject({ alerts: 1 });
    const { items } = await store.alerts.list({ limit: 10 });
    expect(items.map(({ latest }) => latest.id)).toEqual(["new", "old-open"]);
    expect(await store.alerts.bundle("old")).toBeNull();
    expect(await store.alerts.bundle("old-open")).not.toBeNull();
    expect((await store.redis.keys("{closed}:alert:*")).length).toBe(2);
  });

  test("trims the log, and a cursor before that has not recovered", async () => {
    const store = storeOn(server, { keyTag: "trims" });
    const start = await store.alertLog.tail();
    for (let n = 0; n < 300; n++) await publish(store, [event("a", n + 1, tick(n))]);
    const last = await store.alertLog.tail();
    const now = { data: 0, real: Date.now() + 2 * KEEP.alertsMs };
    expect(await retentionOf(store, "trims").run({ data: 0, real: Date.now() })).toMatchObject({ logEntries: 0 });
    expect((await store.alertLog.after(start, 1)).recovered).toBe(true);
    expect(await retentionOf(store, "trims").run(now)).toMatchObject({ logEntries: 300 });
    expect((await store.alertLog.after(start, 1)).recovered).toBe(false);
    expect(await store.alertLog.tail()).toBe(last);
    expect(await store.alertLog.after(last, 1)).toEqual({ recovered: true, items: [] });
    await publish(store, [event("b", 1, tick(1))]);
    expect((await store.alertLog.after(last, 1)).items[0]?.id).toBe("b");
  });

  test("the cap holds against a day of 16 pools and 13 regions, and is not far above", async () => {
    const store = storeOn(server, { keyTag: "cap" });
    await live(store, 1, 288);
    const day = { samplesMs: DAY, estimatesMs: DAY, hourlyEstimatesMs: DAY, alertsMs: DAY };
    const cap = networkCapBytes({ pools: 16, regions: 13, intervalMs: INTERVAL, keep: day });
    const samples = (await memory(store, "{cap}:rows:*")) + (await memory(store, "{cap}:ticks:*"));
    const estimates = await memory(store, "{cap}:estimates:*");
    const hourly = await memory(store, "{cap}:hourly:*");
    for (const [measured, bound] of [
      [samples, cap.samples],
      [estimates, cap.estimates],
      [hourly, cap.hourlyEstimates],
    ] as const) {
      expect(measured).toBeLessThanOrEqual(bound + 2_000);
      expect(measured).toBeGreaterThan(bound / 2);
    }
  });
});
