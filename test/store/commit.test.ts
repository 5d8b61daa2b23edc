import calculateSlot from "cluster-key-slot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeys } from "../../src/store/keys.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { commitOn, event, INTERVAL, rate, storeOn, T0, type TestStore, tick, view } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

/** Everything under a tag, to compare before and after. */
async function dump(store: TestStore, tag: string): Promise<Record<string, string>> {
  const names = (await store.redis.keys(`{${tag}}*`)).toSorted();
  const values = await Promise.all(names.map((name) => store.redis.dumpBuffer(name)));
  return Object.fromEntries(names.map((name, i) => [name, values[i]?.toString("hex") ?? ""]));
}

describe("a commit", () => {
  test("writes state, events, evidence, estimates and the view", async () => {
    const store = storeOn(server);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1), "antpool", 2e19)]);
    const before = await store.states.load("bitcoin");
    expect(before).toEqual({
      version: 0,
      tick: 0,
      cursor: "",
      bytes: null,
      commitId: "",
      configHash: "",
      generation: 0,
    });
    const { cursor } = await store.samples.readSince("bitcoin", before.cursor, tick(1), 10);
    const bytes = Uint8Array.from({ length: 256 * 1024 }, (_, i) => (i * 7919) % 256);
    const commit = commitOn(before, tick(1), {
      cursor,
      bytes,
      events: [event("a-1", 1, tick(1))],
      bundles: [{ id: "a-1", revision: 1, bundle: { rows: [1, 2, 3] } }],
      views: [view(tick(1), [{ region: "KZ", hashrate: 1e19, drop: 0.5 }], 3e19)],
      sampledAt: T0 + 1,
      detectedAt: T0 + 2,
    });
    expect(await store.states.commit(commit)).toBe("committed");

    const after = await store.states.load("bitcoin");
    expect(after).toMatchObject({
      version: 1,
      tick: tick(1),
      cursor,
      commitId: "commit-1",
      configHash: "c1",
      generation: 1,
    });
    expect(Buffer.compare(Buffer.from(after.bytes ?? []), Buffer.from(bytes))).toBe(0);
    expect(await store.views.current("bitcoin")).toEqual(commit.views[0]);
    const span = { network: "bitcoin", from: tick(0), to: tick(2), stepMs: INTERVAL, limit: 10 };
    const [point] = await store.views.history({ ...span, regions: ["KZ"] });
    expect(point?.drop).toBeCloseTo(0.5);
    expect(point?.hashrate).toBeCloseTo(1e19, -13);
    expect((await store.views.history(span))[0]?.hashrate).toBeCloseTo(3e19, -13);
    const found = await store.alerts.get("a-1");
    expect(found?.record.latest).toMatchObject(event("a-1", 1, tick(1)));
    expect(found?.record.latest.latency).toMatchObject({
      sampledAt: "2022-01-05T10:00:00.001Z",
      detectedAt: "2022-01-05T10:00:00.002Z",
    });
    const published = Date.parse(found?.record.latest.latency?.publishedAt ?? "");
    expect(Math.abs(published - Date.now())).toBeLessThan(60_000);
    expect(await store.alerts.bundle("a-1")).toEqual(commit.bundles[0]);
  });

  test.each([
    ["another worker was first", "conflict", { expectedVersion: 7 }],
    ["the tick was decided before", "conflict", { tick: tick(1) }],
    ["a tick was stored and not read", "conflict", { tick: tick(4) }],
    ["a newer configuration is in force", "superseded", { generation: 1, configHash: "c1" }],
    ["another configuration claims the same generation", "superseded", { generation: 2, configHash: "cX" }],
  ] as const)("writes nothing at all when %s", async (_, result, more) => {
    const tag = `nothing-${Math.random().toString(36).slice(2)}`;
    const store = storeOn(server, { keyTag: tag });
    await store.generations.register("c1");
    await store.generations.register("c2");
    const first = await store.states.load("bitcoin");
    const start = commitOn(first, tick(1), { generation: 2, configHash: "c2", events: [event("a-1", 1, tick(1))] });
    expect(await store.states.commit(start)).toBe("committed");
    await store.samples.append("bitcoin", tick(3), INTERVAL, [rate(tick(3), "antpool", 1)]);
    const before = await dump(store, tag);
    const state = await store.states.load("bitcoin");
    const commit = commitOn(state, tick(2), {
      generation: 2,
      configHash: "c2",
      events: [event("a-1", 2, tick(2)), event("b-1", 1, tick(2))],
      bundles: [{ id: "b-1", revision: 1, bundle: {} }],
      ...more,
    });
    expect(await store.states.commit(commit)).toBe(result);
    expect(await dump(store, tag)).toEqual(before);
  });

  test("is a conflict when a row for one of its ticks came after reading, and not when one came for a later tick", async () => {
    const store = storeOn(server);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1), "antpool", 1)]);
    const state = await store.states.load("bitcoin");
    const read = await store.samples.readSince("bitcoin", state.cursor, tick(1), 10);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1), "f2pool", 1)]);
    await store.samples.append("bitcoin", tick(2), INTERVAL, [rate(tick(2), "f2pool", 1)]);
    expect(await store.states.commit(commitOn(state, tick(1), { cursor: read.cursor }))).toBe("conflict");
    const again = await store.samples.readSince("bitcoin", state.cursor, tick(1), 10);
    expect(again.ticks[0]?.rows).toHaveLength(2);
    await store.samples.append("bitcoin", tick(2), INTERVAL, [rate(tick(2), "antpool", 1)]);
    expect(await store.states.commit(commitOn(state, tick(1), { cursor: again.cursor }))).toBe("committed");
  });

  test("is a conflict when a row came for a page that was read before the last page", async () => {
    const store = storeOn(server);
    for (const n of [1, 2, 3]) {
      await store.samples.append("bitcoin", tick(n), INTERVAL, [rate(tick(n), "antpool", 1)]);
    }
    const state = await store.states.load("bitcoin");
    const first = await store.samples.readSince("bitcoin", state.cursor, tick(3), 2);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1), "f2pool", 1)]);
    const second = await store.samples.readSince("bitcoin", first.cursor, tick(3), 2);
    expect(await store.states.commit(commitOn(state, tick(3), { cursor: second.cursor }))).toBe("conflict");
  });

  test("does not publish an event again that is in the log, and goes on with the next revision", async () => {
    const store = storeOn(server);
    const start = await store.alertLog.tail();
    const events = [event("a-1", 1, tick(1)), event("a-1", 2, tick(1))];
    expect(await store.states.commit(commitOn(await store.states.load("bitcoin"), tick(1), { events }))).toBe(
      "committed",
    );
    const made = [event("a-1", 2, tick(1), { severity: "info" }), event("a-1", 3, tick(2), { type: "resolved" })];
    const next = commitOn(await store.states.load("bitcoin"), tick(2), { events: made });
    expect(await store.states.commit(next)).toBe("committed");
    const { items } = await store.alertLog.after(start, 10);
    expect(items.map(({ id, revision }) => [id, revision])).toEqual([
      ["a-1", 1],
      ["a-1", 2],
      ["a-1", 3],
    ]);
    expect(items[1]?.severity).toBe("critical");
    expect(await store.alerts.open()).toEqual([]);
  });

  test("two workers racing for 200 ticks commit each of them once", async () => {
    const store = storeOn(server);
    const other = storeOn(server, { keyTag: "race" });
    const one = storeOn(server, { keyTag: "race" });
    const last = tick(200);
    let conflicts = 0;
    async function work(worker: TestStore): Promise<number> {
      let committed = 0;
      for (;;) {
        const state = await worker.states.load("bitcoin");
        if (state.tick >= last) return committed;
        const at = Math.max(state.tick, T0) + INTERVAL;
        const events = [event(`a-${at}`, 1, at)];
        const result = await worker.states.commit(commitOn(state, at, { events }));
        if (result === "committed") committed++;
        else conflicts++;
      }
    }
    const start = await one.alertLog.tail();
    const counts = await Promise.all([work(one), work(other)]);
    expect(counts[0] + counts[1]).toBe(200);
    expect(conflicts).toBeGreaterThan(0);
    const { items } = await one.alertLog.after(start, 1000);
    expect(items.map(({ at }) => Date.parse(at))).toEqual(Array.from({ length: 200 }, (_, i) => tick(i + 1)));
    expect((await one.states.load("bitcoin")).version).toBe(200);
    expect((await store.states.load("bitcoin")).version).toBe(0);
  });
});

test("a configuration keeps its generation, and a new one supersedes it", async () => {
  const store = storeOn(server);
  expect(await store.generations.inForce()).toBeNull();
  expect(await store.generations.register("c1")).toBe(1);
  expect(await store.generations.register("c1")).toBe(1);
  expect(await store.generations.register("c2")).toBe(2);
  expect(await store.generations.register("c1")).toBe(3);
  expect(await store.generations.inForce()).toEqual({ generation: 3, configHash: "c1" });
});

test("after Redis forgot the newest generation, a worker that was given it goes on", async () => {
  const store = storeOn(server);
  await store.generations.register("old");
  const state = await store.states.load("bitcoin");
  expect(await store.states.commit(commitOn(state, tick(1), { generation: 5 }))).toBe("committed");
  expect(await store.generations.inForce()).toEqual({ generation: 5, configHash: "c1" });
});

test("every key lies in one slot of a cluster, BullMQ's too", () => {
  const keys = makeKeys("hashfall");
  const names = Object.values(keys).flatMap((key: unknown) =>
    typeof key === "function" ? [String(key("{bitcoin}", T0)), String(key("x", T0))] : [String(key)],
  );
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names.map((name) => calculateSlot(name)))).toEqual(new Set([calculateSlot("hashfall")]));
});

test.each(["", "a{b", "a:b", "x".repeat(33)])("refuses %j as a hash tag", (tag) => {
  expect(() => makeKeys(tag)).toThrow(/keyTag/);
});
