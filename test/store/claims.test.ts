import { afterAll, beforeAll, expect, test } from "vitest";
import { makeKeys } from "../../src/store/keys.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { storeOn, type TestStore, tick } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const LEASE = 60_000;

/** Lets the lease on a tick run out, without waiting for it. */
async function expire(store: TestStore, tag: string, at: number): Promise<void> {
  const key = makeKeys(tag).claims("bitcoin");
  const held = await store.redis.hget(key, String(at));
  await store.redis.hset(key, String(at), String(held).replace(/^\d+/, "1"));
}

test("one of many claimants gets the tick", async () => {
  const store = storeOn(server);
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, i) => store.claims.claim("bitcoin", tick(1), `p${i}`, LEASE)),
  );
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  expect(await store.claims.claim("bitcoin", tick(2), "p1", LEASE)).not.toBeNull();
  expect(await store.claims.claim("litecoin", tick(1), "p1", LEASE)).not.toBeNull();
});

test("a tick that was completed is done, and cannot be claimed again", async () => {
  const store = storeOn(server);
  expect(await store.claims.lastDone("bitcoin")).toBeNull();
  const held = await store.claims.claim("bitcoin", tick(1), "p1", LEASE);
  expect(await store.claims.isDone("bitcoin", tick(1))).toBe(false);
  expect(await held?.claim.complete()).toBe(true);
  expect(await store.claims.isDone("bitcoin", tick(1))).toBe(true);
  expect(await store.claims.lastDone("bitcoin")).toBe(tick(1));
  expect(await store.claims.claim("bitcoin", tick(1), "p2", LEASE)).toBeNull();
  expect(await held?.claim.renew()).toBe(false);
});

test("a claimant that dies does not take the tick with it", async () => {
  const store = storeOn(server, { keyTag: "dies" });
  const dead = await store.claims.claim("bitcoin", tick(1), "p1", LEASE);
  expect(dead?.takeover).toBe(false);
  expect(await store.claims.claim("bitcoin", tick(1), "p2", LEASE)).toBeNull();
  await expire(store, "dies", tick(1));
  const heir = await store.claims.claim("bitcoin", tick(1), "p2", LEASE);
  expect(heir?.takeover).toBe(true);
  // It was not dead after all: the heir marks the tick.
  expect(await dead?.claim.renew()).toBe(false);
  expect(await dead?.claim.complete()).toBe(false);
  await dead?.claim.release();
  expect(await heir?.claim.renew()).toBe(true);
  expect(await heir?.claim.complete()).toBe(true);
});

test("a renewed lease does not run out, and one that ran out is kept while nobody took it", async () => {
  const store = storeOn(server, { keyTag: "renewed" });
  const held = await store.claims.claim("bitcoin", tick(1), "p1", LEASE);
  await expire(store, "renewed", tick(1));
  expect(await held?.claim.renew()).toBe(true);
  expect(await store.claims.claim("bitcoin", tick(1), "p2", LEASE)).toBeNull();
});

test("a lease runs out by itself", async () => {
  const store = storeOn(server);
  await store.claims.claim("bitcoin", tick(1), "p1", 1);
  await expect
    .poll(() => store.claims.claim("bitcoin", tick(1), "p2", LEASE), { interval: 2 })
    .toMatchObject({ takeover: true });
});

test("a tick that was given back is free at once, and nobody died", async () => {
  const store = storeOn(server);
  const held = await store.claims.claim("bitcoin", tick(1), "p1", LEASE);
  await held?.claim.release();
  expect((await store.claims.claim("bitcoin", tick(1), "p2", LEASE))?.takeover).toBe(false);
});

test("marks and forgotten leases are bounded, and a tick whose mark is gone stays done", async () => {
  const store = storeOn(server, { keyTag: "bounded" });
  const keys = makeKeys("bounded");
  for (let n = 1; n <= 1010; n++) {
    const held = await store.claims.claim("bitcoin", tick(n), "p1", LEASE);
    await held?.claim.complete();
  }
  expect(await store.redis.zcard(keys.done("bitcoin"))).toBe(1000);
  expect(await store.claims.isDone("bitcoin", tick(1))).toBe(false);
  expect(await store.claims.claim("bitcoin", tick(1), "p1", LEASE)).toBeNull();
  for (let n = 2000; n < 2110; n++) {
    await store.claims.claim("bitcoin", tick(n), "p1", LEASE);
    await expire(store, "bounded", tick(n));
  }
  expect(await store.redis.hlen(keys.claims("bitcoin"))).toBeLessThanOrEqual(101);
});
