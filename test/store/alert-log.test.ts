import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { DeliveredAlert } from "../../src/model/alert.ts";
import { parseCursor } from "../../src/model/cursor.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { event, publish, storeOn, type TestStore, tick } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis({ appendonly: true });
});
afterAll(() => server.stop());

const named = (events: readonly DeliveredAlert[]) => events.map(({ id, revision }) => `${id}/${revision}`);

interface Follower {
  readonly seen: DeliveredAlert[];
  /** Fulfilled when that many events came. */
  atLeast(count: number): Promise<void>;
  readonly ended: Promise<void>;
  stop(): void;
}

function follow(store: TestStore, cursor: string): Follower {
  const seen: DeliveredAlert[] = [];
  const abort = new AbortController();
  let wake = (): void => {};
  const ended = store.alertLog.follow(
    cursor,
    (events) => {
      seen.push(...events);
      wake();
    },
    abort.signal,
  );
  onTestFinished(() => abort.abort());
  return {
    seen,
    ended,
    stop: () => abort.abort(),
    async atLeast(count) {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Breaks every connection of followers, as a failover does. */
async function breakConnections(store: TestStore): Promise<void> {
  await store.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
}

describe("after", () => {
  test("gives what came since a cursor, in order, at most as many as asked", async () => {
    const store = storeOn(server);
    const start = await store.alertLog.tail();
    expect(parseCursor(start)).toMatchObject({ id: "0-0", epoch: await store.alertLog.epoch() });
    await publish(store, [event("a", 1, tick(1)), event("b", 1, tick(1))]);
    await publish(store, [event("a", 2, tick(2))]);
    const first = await store.alertLog.after(start, 2);
    expect([first.recovered, named(first.items)]).toEqual([true, ["a/1", "b/1"]]);
    const rest = await store.alertLog.after(first.items.at(-1)?.cursor ?? "", 2);
    expect([rest.recovered, named(rest.items)]).toEqual([true, ["a/2"]]);
    expect(await store.alertLog.tail()).toBe(rest.items[0]?.cursor);
    expect(await store.alertLog.after(await store.alertLog.tail(), 2)).toEqual({ recovered: true, items: [] });
  });

  test("has not recovered from a cursor of another epoch, of nobody, or beyond the tail, and keeps its epoch", async () => {
    const store = storeOn(server);
    await publish(store, [event("a", 1, tick(1))]);
    const epoch = await store.alertLog.epoch();
    for (const cursor of ["e0~0-0", "nonsense", `${epoch}~99999999999999-0`]) {
      expect(await store.alertLog.after(cursor, 9)).toEqual({ recovered: false, items: [] });
    }
    expect(await store.alertLog.epoch()).toBe(epoch);
  });

  test("of two stores' logs never takes one's cursor for the other's", async () => {
    const [one, other] = [storeOn(server), storeOn(server)];
    expect((await other.alertLog.after(await one.alertLog.tail(), 9)).recovered).toBe(false);
  });
});

describe("follow", () => {
  test("delivers every entry once and in order, and ends by its signal", async () => {
    const store = storeOn(server);
    await publish(store, [event("before", 1, tick(1))]);
    const follower = follow(store, await store.alertLog.tail());
    for (let n = 1; n <= 20; n++) await publish(store, [event("a", n, tick(n)), event("b", n, tick(n))]);
    await follower.atLeast(40);
    expect(named(follower.seen)).toEqual(Array.from({ length: 20 }, (_, i) => [`a/${i + 1}`, `b/${i + 1}`]).flat());
    const { items } = await store.alertLog.after(follower.seen[0]?.cursor ?? "", 100);
    expect(follower.seen.slice(1)).toEqual(items);
    follower.stop();
    await follower.ended;
  });

  test("goes on where it was when the server is killed and comes back from its file", async () => {
    const store = storeOn(server);
    const start = await store.alertLog.tail();
    const follower = follow(store, start);
    await publish(store, [event("a", 1, tick(1))]);
    await follower.atLeast(1);
    await server.kill();
    await server.start();
    await publish(store, [event("a", 2, tick(2))]);
    await follower.atLeast(2);
    expect(named(follower.seen)).toEqual(["a/1", "a/2"]);
    expect(parseCursor(follower.seen[1]?.cursor ?? "")?.epoch).toBe(parseCursor(start)?.epoch);
  });

  test("begins a new epoch, once, when what it delivered is gone, and delivers what is new and nothing twice", async () => {
    const tag = "failover";
    const store = storeOn(server, { keyTag: tag });
    const start = await store.alertLog.tail();
    const followers = [follow(store, start), follow(store, start)];
    await publish(store, [event("a", 1, tick(1))]);
    await publish(store, [event("a", 2, tick(2))]);
    await publish(store, [event("a", 3, tick(3))]);
    await Promise.all(followers.map((each) => each.atLeast(3)));
    // What a failover loses: the newest entries, and the records that were written with them.
    const keys = makeKeys(tag);
    const lost = followers[0]?.seen.slice(1).map(({ cursor }) => parseCursor(cursor)?.id ?? "") ?? [];
    await store.redis.xdel(keys.log, ...lost);
    await store.redis.hdel(keys.alert("a"), "2", "3");
    await store.redis.hset(keys.alert("a"), "latest", 1);
    await breakConnections(store);
    await publish(store, [event("a", 2, tick(2))]);
    await Promise.all(followers.map((each) => each.atLeast(4)));
    const epoch = await store.alertLog.epoch();
    expect(epoch).not.toBe(parseCursor(start)?.epoch);
    for (const { seen } of followers) {
      expect(named(seen)).toEqual(["a/1", "a/2", "a/3", "a/2"]);
      expect(parseCursor(seen[3]?.cursor ?? "")?.epoch).toBe(epoch);
    }
    expect((await store.alertLog.after(start, 9)).recovered).toBe(false);
    await breakConnections(store);
    await publish(store, [event("a", 3, tick(3))]);
    await Promise.all(followers.map((each) => each.atLeast(5)));
    expect(await store.alertLog.epoch()).toBe(epoch);
  });

  test("begins a new epoch when the whole store was emptied", async () => {
    const store = storeOn(server);
    await publish(store, [event("a", 1, tick(1))]);
    const start = await store.alertLog.tail();
    const follower = follow(store, start);
    await store.redis.flushall();
    await breakConnections(store);
    await publish(store, [event("b", 1, tick(1))]);
    await follower.atLeast(1);
    expect(named(follower.seen)).toEqual(["b/1"]);
    expect(parseCursor(follower.seen[0]?.cursor ?? "")?.epoch).not.toBe(parseCursor(start)?.epoch);
  });

  test("refuses what is no cursor", async () => {
    const store = storeOn(server);
    await expect(store.alertLog.follow("x", () => {}, new AbortController().signal)).rejects.toThrow(RangeError);
  });
});
