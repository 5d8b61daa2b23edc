import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Observation } from "../../src/sources/contract.ts";
import { storeOn } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { figure, INTERVAL, MINUTE, rig, sourceOf, stored, TICK } from "./rig.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

describe("a poller", () => {
  it("polls the current tick at once, stores every source's rows under it, marks it polled and hands it on", async () => {
    const store = storeOn(server);
    const { poller, next, ticks, events } = rig(store, [
      sourceOf("antpool", async () => figure("antpool", 2e20)),
      sourceOf("viabtc", async () => figure("viabtc", 1e20)),
      sourceOf("broken", () => Promise.reject(new Error("a bug"))),
      sourceOf("hourly", async () => figure("hourly", 1), 60 * MINUTE),
      sourceOf("rare", async () => figure("rare", 1), 13 * 60 * MINUTE),
    ]);
    poller.start();
    const polled = await next("polled");
    await poller.stop();
    expect(polled).toMatchObject({ tick: TICK, takeover: false, stored: { added: 3 } });
    expect(await store.claims.isDone("bitcoin", TICK)).toBe(true);
    expect(ticks).toEqual([TICK]);
    const [[at, rows]] = (await stored(store)) as [[number, unknown[]]];
    expect(at).toBe(TICK);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["antpool", 2e20, "antpool"],
        ["viabtc", 1e20, "viabtc"],
        ["hourly", 1, "hourly"],
      ]),
    );
    const results = events.filter((event) => event.type === "asked").map((event) => [event.source, event.result]);
    expect(Object.fromEntries(results)).toEqual({ antpool: "ok", viabtc: "ok", broken: "semantic", hourly: "ok" });
  });

  it("stores an empty tick too: it was polled", async () => {
    const store = storeOn(server);
    const { poller, next } = rig(store, [
      sourceOf("down", async () => ({ kind: "error", class: "timeout", detail: "" })),
    ]);
    poller.start();
    await next("polled");
    expect(await stored(store)).toEqual([[TICK, []]]);
  });

  it("of several on one Redis polls a tick once", async () => {
    const store = storeOn(server);
    const sources = Array.from({ length: 5 }, () => sourceOf("antpool", async () => figure("antpool", 2e20)));
    const rigs = sources.map((source, i) => rig(store, [source], { holder: `p${i}` }));
    for (const { poller } of rigs) poller.start();
    await Promise.race(rigs.map(({ next }) => next("polled")));
    await Promise.all(rigs.map(({ poller }) => poller.stop()));
    expect(sources.reduce((sum, { asked }) => sum + asked, 0)).toBe(1);
    expect(rigs.flatMap(({ ticks }) => ticks)).toEqual([TICK]);
  });

  it("takes over the tick of a claimant that died", async () => {
    const store = storeOn(server);
    await store.claims.claim("bitcoin", TICK, "dead", 1);
    const { poller, next, ticks } = rig(store, [sourceOf("antpool", async () => figure("antpool", 2e20))]);
    poller.start();
    expect(await next("polled")).toMatchObject({ tick: TICK, takeover: true });
    await poller.stop();
    expect(ticks).toEqual([TICK]);
  });

  it("waits while another one holds the tick, and takes over when its lease has run out", async () => {
    const store = storeOn(server);
    const held = await store.claims.claim("bitcoin", TICK, "other", 1_500);
    expect(held).not.toBeNull();
    const source = sourceOf("antpool", async () => figure("antpool", 2e20));
    const { poller, next } = rig(store, [source]);
    poller.start();
    expect(await next("polled")).toMatchObject({ takeover: true });
    expect(source.asked).toBe(1);
    expect(await held?.claim.complete()).toBe(false);
  });

  it("when the store fails keeps what the sources said, and asks nobody again", async () => {
    const store = storeOn(server);
    let failures = 0;
    const source = sourceOf("antpool", async () => figure("antpool", 2e20));
    const { poller, next, ticks } = rig(store, [source], {
      samples: {
        ...store.samples,
        append: (...row) => {
          if (failures++ === 0) return Promise.reject(new Error("MISCONF disk is full"));
          return store.samples.append(...row);
        },
      },
    });
    poller.start();
    expect(await next("failed")).toMatchObject({ tick: TICK });
    expect(await next("polled")).toMatchObject({ tick: TICK, stored: { added: 1 } });
    await poller.stop();
    expect(source.asked).toBe(1);
    expect(ticks).toEqual([TICK]);
  });

  it("blocks of a tick that could never be stored are stored with the next one, figures are not", async () => {
    const store = storeOn(server);
    let now = TICK + 1_000;
    let broken = true;
    const block = {
      kind: "block",
      pool: "p",
      height: 7,
      difficulty: 1,
      observedAt: TICK,
      observedAtBasis: "body",
      staleAfterMs: 1,
      raw: { text: "", unit: "" },
    } as const;
    const source = sourceOf("mempool", async () => {
      const { rows } = figure("p", 1e18) as { rows: readonly Observation[] };
      return { kind: "ok", bodySha256: "", rows: [...rows, block] };
    });
    const { poller, next } = rig(store, [source], {
      at: () => now,
      samples: {
        ...store.samples,
        append: (...row) => (broken ? Promise.reject(new Error("OOM")) : store.samples.append(...row)),
      },
    });
    poller.start();
    await next("failed");
    broken = false;
    now = TICK + INTERVAL + 1_000;
    expect(await next("polled")).toMatchObject({ tick: TICK + INTERVAL, stored: { added: 2 } });
    const [[at, rows]] = (await stored(store)) as [[number, unknown[][]]];
    expect([at, rows.map(([, hashrate]) => hashrate).sort()]).toEqual([TICK + INTERVAL, [1e18, false]]);
  });

  it("lives through a Redis that is away, and polls the tick when it is back", async () => {
    const own = await startTestRedis({ appendonly: true });
    onTestFinished(() => own.stop());
    const store = storeOn(own);
    await store.redis.ping();
    await own.kill();
    const { poller, next } = rig(store, [sourceOf("antpool", async () => figure("antpool", 2e20))]);
    poller.start();
    await next("failed");
    await own.start();
    expect(await next("polled")).toMatchObject({ tick: TICK });
  });

  it("tells ticks that nobody polled, and that the current one is overdue", async () => {
    const store = storeOn(server);
    let now = TICK + 1_000;
    const { poller, next } = rig(store, [sourceOf("antpool", async () => figure("antpool", 2e20))], { at: () => now });
    poller.start();
    await next("polled");
    const other = await store.claims.claim("bitcoin", TICK + 3 * INTERVAL, "hung", 60_000);
    expect(other).not.toBeNull();
    now = TICK + 3 * INTERVAL + 200_000;
    expect(await next("missed")).toMatchObject({ tick: TICK + INTERVAL });
    expect(await next("overdue")).toMatchObject({ tick: TICK + 3 * INTERVAL });
  });

  it("stop cuts requests that go on, stores what came, and leaves no timer", async () => {
    const store = storeOn(server);
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const { poller, events } = rig(store, [
      sourceOf("quick", async () => figure("quick", 1e18)),
      sourceOf(
        "slow",
        ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () => resolve({ kind: "error", class: "timeout", detail: "cut" }));
            isAsked();
          }),
      ),
    ]);
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    poller.start();
    await asked;
    await poller.stop(10);
    expect(events.at(-1)).toMatchObject({ type: "polled", stored: { added: 1 } });
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(before);
  });
});
