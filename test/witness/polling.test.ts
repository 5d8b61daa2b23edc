import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fact } from "../../src/model/fact.ts";
import { toFacts } from "../../src/poll/to-facts.ts";
import type { Witness, WitnessOutcome } from "../../src/sources/witness/contract.ts";
import { figure, INTERVAL, MINUTE, rig, sourceOf, stored, TICK } from "../poll/rig.ts";
import { storeOn } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const price = (usd: number, at = TICK): Fact => ({ kind: "price", usd, of: ["kraken", "binance"], at });
const ok = (...facts: Fact[]): WitnessOutcome => ({ kind: "ok", facts });

function witnessOf(id: string, look: Witness["look"], minIntervalMs = MINUTE): Witness & { asked: number } {
  const witness = {
    id,
    minIntervalMs,
    asked: 0,
    look: (context: Parameters<Witness["look"]>[0]) => {
      witness.asked += 1;
      return look(context);
    },
  };
  return witness;
}

describe("a poller with witnesses", () => {
  it("asks those that are due beside the sources, stores what they say with the tick, and tells how it went", async () => {
    const store = storeOn(server);
    const rare = witnessOf("rare", async () => ok(price(1)), 13 * 60 * MINUTE);
    const { poller, next, events } = rig(store, [sourceOf("antpool", async () => figure("antpool", 2e20))], {
      witnesses: [
        witnessOf("tickers", async () => ok(price(91_000.5))),
        witnessOf("down", async () => ({ kind: "error", class: "timeout", detail: "" })),
        witnessOf("broken", () => Promise.reject(new Error("a bug"))),
        witnessOf("liar", async () => ok(price(Number.POSITIVE_INFINITY), price(1, TICK + 60 * MINUTE))),
        rare,
      ],
    });
    poller.start();
    expect(await next("polled")).toMatchObject({ tick: TICK, stored: { added: 2 } });
    await poller.stop();
    expect(rare.asked).toBe(0);
    const [[, rows]] = (await stored(store)) as [[number, unknown[]]];
    expect(rows).toEqual([
      ["antpool", 2e20, "antpool"],
      ["price", false, "tickers"],
    ]);
    const asked = events.filter((event) => event.type === "asked");
    expect(Object.fromEntries(asked.map(({ source, result }) => [source, result]))).toEqual({
      antpool: "ok",
      tickers: "ok",
      down: "timeout",
      broken: "semantic",
      liar: "ok",
    });
    expect(asked.find(({ source }) => source === "liar")?.skipped).toEqual({ unusable: 1, future: 1 });
  });

  it("does not wait for a witness that hangs, does not ask it again meanwhile, and stores its answer with the next tick", async () => {
    const store = storeOn(server);
    let now = TICK + 1_000;
    let answer: (outcome: WitnessOutcome) => void = () => undefined;
    const slow = witnessOf("slow", () => new Promise((resolve) => (answer = resolve)));
    const { poller, events, next } = rig(store, [sourceOf("antpool", async () => figure("antpool", 2e20))], {
      witnesses: [slow],
      at: () => now,
    });
    poller.start();
    expect(await next("polled")).toMatchObject({ tick: TICK, stored: { added: 1 } });
    expect(slow.asked).toBe(1);
    answer(ok(price(90_000)));
    await next("asked");
    await expect.poll(() => events.filter((each) => each.type === "asked" && each.source === "slow").length).toBe(1);
    events.length = 0;
    now = TICK + INTERVAL + 1_000;
    expect(await next("polled")).toMatchObject({ tick: TICK + INTERVAL, stored: { added: 2 } });
    await poller.stop();
    const ticks = await stored(store);
    expect(ticks.map(([, rows]) => (rows as unknown[]).length)).toEqual([1, 2]);
  });

  it("cuts a witness that hangs when it stops", async () => {
    const store = storeOn(server);
    let cut = false;
    const hanging = witnessOf(
      "hanging",
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            cut = true;
            resolve({ kind: "error", class: "timeout", detail: "" });
          });
        }),
    );
    const { poller, next } = rig(store, [], { witnesses: [hanging] });
    poller.start();
    await next("polled");
    expect(cut).toBe(false);
    await poller.stop();
    expect(cut).toBe(true);
  });
});

describe("facts", () => {
  const signal = (region: string, at = TICK): Fact => ({ kind: "connectivity", region, signal: "bgp", ratio: 1, at });
  const outage = (from: number, to?: number): Fact => ({
    kind: "outage",
    region: "US",
    cause: null,
    from,
    ...(to === undefined ? {} : { to }),
  });
  const about = { regions: ["KZ", "US-TX"], tick: TICK, now: TICK + 1_000 };
  it.each<[string, Fact, string | undefined]>([
    ["a country of the weights", signal("KZ"), undefined],
    ["the country of a part", signal("US"), undefined],
    ["somewhere else", signal("IR"), "elsewhere"],
    ["an old signal", signal("KZ", TICK - 61 * MINUTE), "stale"],
    ["a signal ahead of time", signal("KZ", TICK + 5 * MINUTE), "future"],
    ["an outage that lasts", outage(TICK - 100 * 60 * MINUTE), undefined],
    ["an outage that is long over", outage(TICK - 1e8, TICK - 9e7), "over"],
    ["an outage to come", outage(TICK + 60 * MINUTE), "future"],
    ["half a millisecond", signal("KZ", TICK - 0.4), undefined],
  ])("%s: %#", (_, fact, reason) => {
    const { rows, skipped } = toFacts("w", [fact], about);
    expect(skipped).toEqual(reason === undefined ? {} : { [reason]: 1 });
    expect(rows.length).toBe(reason === undefined ? 1 : 0);
  });

  it("are bounded", () => {
    const { rows, skipped } = toFacts(
      "w",
      Array.from({ length: 500 }, () => signal("KZ")),
      about,
    );
    expect(rows).toHaveLength(100);
    expect(skipped).toEqual({ "too-many": 400 });
  });
});
