import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { NetworkConfig } from "../../src/config/resolved.ts";
import type { Clocks } from "../../src/model/clock.ts";
import type { PollEvent } from "../../src/poll/events.ts";
import { makePoller, type Poller, type PollerDeps } from "../../src/poll/poller.ts";
import type { FetchOutcome, Source } from "../../src/sources/contract.ts";
import { SILENT, storeOn, type TestStore } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

const MINUTE = 60_000;
const INTERVAL = 5 * MINUTE;
const TICK = Date.UTC(2026, 0, 1, 12);

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const network: NetworkConfig = {
  name: "bitcoin",
  intervalMs: INTERVAL,
  sources: [],
  model: {
    network: "bitcoin",
    intervalSeconds: 300,
    pools: [],
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 1_209_600,
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    },
    configHash: "c1",
  },
};

const figure = (pool: string, hashrate: number): FetchOutcome => ({
  kind: "ok",
  bodySha256: "",
  rows: [
    {
      kind: "rate",
      pool,
      region: null,
      hashrate,
      window: { kind: "unknown", seconds: null },
      basis: "pool-reported",
      staleAfterMs: MINUTE,
      observedAtBasis: "fetch-time",
      raw: { text: "", unit: "H/s" },
    },
  ],
});

function sourceOf(id: string, fetch: Source["fetch"], minIntervalMs = MINUTE): Source & { asked: number } {
  const source = {
    id,
    hostKey: `${id}.example`,
    pools: [id],
    minIntervalMs,
    asked: 0,
    fetch: (context: Parameters<Source["fetch"]>[0]) => {
      source.asked += 1;
      return fetch(context);
    },
  };
  return source;
}

interface Rig {
  readonly poller: Poller;
  readonly events: PollEvent[];
  readonly ticks: number[];
  /** Resolves with the next event of a type, or one that has come already. */
  next<T extends PollEvent["type"]>(type: T): Promise<Extract<PollEvent, { type: T }>>;
}

/** A poller whose data clock stands just after a tick, until it is moved. */
function rig(
  store: TestStore,
  sources: readonly Source[],
  more: Partial<PollerDeps> & { holder?: string; at?: () => number } = {},
): Rig {
  const { holder = "test", at = () => TICK + 1_000, ...deps } = more;
  const clocks: Clocks = { data: { now: at }, real: { now: () => Date.now() }, speed: 1 };
  const events: PollEvent[] = [];
  const ticks: number[] = [];
  const waiting: { type: string; resolve: (event: PollEvent) => void }[] = [];
  const poller = makePoller(
    { network, holder },
    {
      sources,
      samples: store.samples,
      claims: store.claims,
      clocks,
      logger: SILENT,
      random: () => 0,
      onTick: async (_, tick) => {
        ticks.push(tick);
      },
      onEvent: (event) => {
        events.push(event);
        for (const [index, each] of waiting.entries()) {
          if (each.type !== event.type) continue;
          waiting.splice(index, 1);
          each.resolve(event);
          break;
        }
      },
      ...deps,
    },
  );
  onTestFinished(() => poller.stop(0));
  return {
    poller,
    events,
    ticks,
    next: (type) =>
      new Promise((resolve) => {
        const found = events.find((event) => event.type === type);
        if (found) resolve(found as never);
        else waiting.push({ type, resolve: resolve as never });
      }),
  };
}

async function stored(store: TestStore) {
  const { ticks } = await store.samples.readSince("bitcoin", "0-0", TICK + 10 * INTERVAL, 100);
  return ticks.map(({ at, rows }) => [
    at,
    rows.map((row) => [row.pool, row.kind === "rate" && row.hashrate, row.source]),
  ]);
}

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
    const { poller, next, events } = rig(store, [
      sourceOf("quick", async () => figure("quick", 1e18)),
      sourceOf(
        "slow",
        ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () => resolve({ kind: "error", class: "timeout", detail: "cut" }));
          }),
      ),
    ]);
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    poller.start();
    await next("asked");
    await poller.stop(10);
    expect(events.at(-1)).toMatchObject({ type: "polled", stored: { added: 1 } });
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(before);
  });
});
