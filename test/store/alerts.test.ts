import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlertFilter, AlertRecord } from "../../src/store/contract.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { event, publish, storeOn, T0, type TestStore, tick } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const ids = (records: readonly AlertRecord[]) => records.map(({ latest }) => latest.id);

/** Every page of a list, one after the other. */
async function listAll(store: TestStore, filter: AlertFilter): Promise<string[]> {
  const found: string[] = [];
  let after: string | null | undefined;
  do {
    const page = await store.alerts.list({ ...filter, ...(after ? { after } : {}) });
    expect(page.items.length).toBeLessThanOrEqual(filter.limit);
    found.push(...ids(page.items));
    after = page.next;
  } while (after !== null);
  return found;
}

async function populated(): Promise<TestStore> {
  const store = storeOn(server);
  const candidates = [
    { region: "US-TX", probability: 0.5 },
    { region: "RU", probability: 0.05 },
  ];
  await publish(store, [event("kz", 1, tick(1)), event("tx", 1, tick(1), { region: "US-TX" })]);
  await publish(store, [event("pool", 1, tick(2), { scope: "pool", region: null, pool: "antpool" })]);
  await publish(store, [event("unsure", 1, tick(3), { region: null, ambiguous: true, candidates })]);
  await publish(store, [event("kz", 2, tick(4), { type: "resolved", resolution: "recovered" })]);
  await publish(store, [event("other", 1, tick(5), { network: "litecoin" })]);
  return store;
}

describe("a list of alerts", () => {
  test.each([
    ["all, newest event first", {}, ["other", "kz", "unsure", "pool", "tx"]],
    ["of a network", { network: "litecoin" }, ["other"]],
    ["open", { state: "open" }, ["other", "unsure", "pool", "tx"]],
    ["resolved", { state: "resolved" }, ["kz"]],
    ["of a scope", { scope: "pool" }, ["pool"]],
    ["of a region", { region: "KZ", network: "bitcoin" }, ["kz"]],
    ["of a country, with its subdivisions and likely candidates", { region: "US" }, ["unsure", "tx"]],
    ["not of an unlikely candidate", { region: "RU" }, []],
    ["with news since", { since: tick(3) }, ["other", "kz", "unsure"]],
  ] as [string, Partial<AlertFilter>, string[]][])("%s", async (_, filter, expected) => {
    const store = await populated();
    expect(await listAll(store, { limit: 10, ...filter })).toEqual(expected);
    expect(await listAll(store, { limit: 1, ...filter })).toEqual(expected);
  });

  test("misses none among many of the same time", async () => {
    const store = storeOn(server);
    const events = Array.from({ length: 450 }, (_, i) => event(`a${String(i).padStart(3, "0")}`, 1, tick(1)));
    await publish(store, events);
    await publish(store, [event("z", 1, tick(2))]);
    const found = await listAll(store, { limit: 37 });
    expect(found).toHaveLength(451);
    expect(new Set(found).size).toBe(451);
    expect(found[0]).toBe("z");
  });

  test("refuses a next that is none", async () => {
    await expect(storeOn(server).alerts.list({ limit: 1, after: "x" })).rejects.toMatchObject({
      code: "CURSOR_INVALID",
    });
  });
});

test("open alerts leave when they are resolved", async () => {
  const store = await populated();
  expect(ids(await store.alerts.open())).toEqual(["other", "unsure", "pool", "tx"]);
  expect(ids(await store.alerts.open("litecoin"))).toEqual(["other"]);
});

test("an alert is found with all that was said of it, newest first", async () => {
  const store = await populated();
  const found = await store.alerts.get("kz");
  expect(found?.events.map(({ revision, type }) => [revision, type])).toEqual([
    [2, "resolved"],
    [1, "opened"],
  ]);
  expect(found?.record).toEqual({ latest: found?.events[0], open: false });
  expect(await store.alerts.get("nobody")).toBeNull();
  expect(await store.alerts.bundle("nobody")).toBeNull();
});

test("evidence is that of the newest revision", async () => {
  const store = storeOn(server);
  const bundle = (revision: number) => ({ id: "a", revision, bundle: { text: "x".repeat(10_000), revision } });
  await publish(store, [event("a", 1, tick(1)), event("a", 2, tick(1))], { bundles: [bundle(2), bundle(1)] });
  expect(await store.alerts.bundle("a")).toEqual(bundle(2));
});

test("every acknowledgement is kept, with its verdict, and one of an earlier version too", async () => {
  const store = storeOn(server);
  await publish(store, [event("v", 1, T0)]);
  const old = { by: "kim", note: "before the upgrade", at: "2022-01-05T11:00:00Z" };
  const [key] = await server.client().keys("*:alert:v");
  await server.client().hset(key ?? "", "ack", JSON.stringify(old));
  expect((await store.alerts.get("v"))?.record).toMatchObject({ ack: old, acks: [old] });
  await store.alerts.acknowledge("v", { by: "ana", note: "", verdict: "other", region: "RU" });
  const noted = await store.alerts.acknowledge("v", { by: "bea", note: "line\nbreak", verdict: "right" });
  expect(noted?.acks).toMatchObject([
    old,
    { by: "ana", verdict: "other", region: "RU" },
    { by: "bea", note: "line\nbreak" },
  ]);
  expect(noted?.ack).toMatchObject({ by: "bea", verdict: "right" });
});

test("an acknowledgement stays with its alert, and makes none", async () => {
  const store = storeOn(server);
  await publish(store, [event("a", 1, T0)]);
  const noted = await store.alerts.acknowledge("a", { by: "kim", note: "looking into it" });
  expect(noted?.ack).toMatchObject({ by: "kim", note: "looking into it" });
  await publish(store, [event("a", 2, tick(2))]);
  expect((await store.alerts.open())[0]).toMatchObject({ latest: { revision: 2 }, ack: { by: "kim" } });
  expect(await store.alerts.acknowledge("nobody", { by: "kim", note: "" })).toBeNull();
  expect(await store.alerts.get("nobody")).toBeNull();
});
