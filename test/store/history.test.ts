import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeys } from "../../src/store/keys.ts";
import { rollUpHours } from "../../src/store/roll-up.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { commitOn, storeOn, type TestStore, tick, view } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const HOUR = 3_600_000;

/** Commits one view a tick; KZ's drop is the tick's number in thousandths, and unknown at every fifth tick. */
async function fill(store: TestStore, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    const regions = n % 5 === 0 ? [{ region: "KZ" }] : [{ region: "KZ", drop: n / 1000 }];
    const state = await store.states.load("bitcoin");
    await store.states.commit(commitOn(state, tick(n), { views: [view(tick(n), regions, n)] }));
  }
}

const query = (
  from: number,
  to: number,
  stepMs: number,
  more: { regions?: readonly string[]; limit?: number } = {},
) => ({
  network: "bitcoin",
  from: tick(from),
  to: tick(to),
  stepMs,
  limit: 1000,
  ...more,
});

describe("history", () => {
  test("means over steps labelled by their end, absent where unknown", async () => {
    const store = storeOn(server);
    await fill(store, 1, 30);
    const quarter = await store.views.history(query(1, 9, 15 * 60_000, { regions: ["KZ"] }));
    expect(quarter.map(({ at }) => at)).toEqual([tick(3), tick(6), tick(9)]);
    for (const [i, mean] of [2 / 1000, 5 / 1000, 8 / 1000].entries()) expect(quarter[i]?.drop).toBeCloseTo(mean, 6);
    expect(quarter[0]).not.toHaveProperty("hashrate");
    const [fifth, sixth] = await store.views.history(query(5, 6, 300_000, { regions: ["KZ"] }));
    expect([fifth?.at, sixth]).toEqual([tick(6), undefined]);
    expect(await store.views.history(query(1, 30, 300_000, { regions: ["RU"] }))).toEqual([]);
  });

  test("of the whole network, at most as many as asked, oldest first", async () => {
    const store = storeOn(server);
    await fill(store, 1, 30);
    const points = await store.views.history(query(1, 30, 300_000, { limit: 3 }));
    expect(points).toEqual([1, 2, 3].map((n) => ({ at: tick(n), hashrate: n })));
  });

  test("by the hour comes from means that were rolled up when the hour ended, each once", async () => {
    const store = storeOn(server, { keyTag: "hours" });
    await fill(store, 1, 30);
    const hours = await store.views.history(query(1, 30, HOUR));
    expect(hours).toEqual([
      { at: tick(12), hashrate: 6.5 },
      { at: tick(24), hashrate: 18.5 },
    ]);
    expect(await rollUpHours("bitcoin", { redis: store.redis, keys: makeKeys("hours") })).toBe(0);
    expect(await store.views.history(query(1, 30, 2 * HOUR))).toEqual([{ at: tick(24), hashrate: 12.5 }]);
  });

  test("hours that were missed are made up", async () => {
    const store = storeOn(server, { keyTag: "missed" });
    const keys = makeKeys("missed");
    await fill(store, 1, 30);
    await store.redis.del(keys.hourlyEstimates("bitcoin"));
    await Promise.all([1, 2].map(() => rollUpHours("bitcoin", { redis: store.redis, keys })));
    expect((await store.views.history(query(1, 30, HOUR))).map(({ at }) => at)).toEqual([tick(12), tick(24)]);
  });

  test("of many ticks in one commit has them all", async () => {
    const store = storeOn(server);
    const views = Array.from({ length: 30 }, (_, i) => view(tick(i + 1), [], i + 1));
    await store.states.commit(commitOn(await store.states.load("bitcoin"), tick(30), { views }));
    expect(await store.views.history(query(1, 30, 300_000))).toHaveLength(30);
    expect(await store.views.history(query(1, 30, HOUR))).toHaveLength(2);
    expect((await store.views.current("bitcoin"))?.at).toBe(tick(30));
  });
});
