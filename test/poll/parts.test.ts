import { validate } from "node-cron";
import { describe, expect, it } from "vitest";
import { scaledClocks, systemClocks } from "../../src/model/clock.ts";
import type { BlockSample } from "../../src/model/sample.ts";
import { askingPeriodMs, dueSources } from "../../src/poll/due.ts";
import { makeNewBlocks } from "../../src/poll/new-blocks.ts";
import { scheduleOf } from "../../src/poll/schedule.ts";
import { toSamples } from "../../src/poll/to-samples.ts";
import type { RateObservation } from "../../src/sources/contract.ts";

const MINUTE = 60_000;
const TICK = Date.UTC(2026, 0, 1, 12);

describe("which sources are due", () => {
  it.each([
    [60_000, 5, 5],
    [5 * MINUTE, 5, 5],
    [6 * MINUTE, 5, 10],
    [15 * MINUTE, 5, 15],
    [60 * MINUTE, 5, 60],
    [10_000, 1, 1],
  ])("a source of %i ms at ticks of %i minutes is asked every %i", (minIntervalMs, tick, expected) => {
    expect(askingPeriodMs(minIntervalMs, tick * MINUTE)).toBe(expected * MINUTE);
  });

  it("the tick alone decides, so every replica and every restart asks the same", () => {
    const source = { minIntervalMs: 15 * MINUTE };
    const asked = Array.from({ length: 288 }, (_, i) => TICK + i * 5 * MINUTE).filter(
      (tick) => dueSources([source], tick, 5 * MINUTE).length > 0,
    );
    expect(asked.length).toBe(96);
    expect(asked.slice(1).every((tick, i) => tick - asked[i]! === 15 * MINUTE)).toBe(true);
  });
});

describe("the schedule", () => {
  it.each([
    [10_000, "*/10 * * * * *"],
    [30_000, "*/30 * * * * *"],
    [MINUTE, "0 */1 * * * *"],
    [5 * MINUTE, "0 */5 * * * *"],
    [60 * MINUTE, "0 0 * * * *"],
  ])("of %i ms is %s", (interval, cron) => {
    const plan = scheduleOf(interval, systemClocks());
    expect(plan.cron).toBe(cron);
    expect(validate(plan.cron)).toBe(true);
    expect(plan.delayMs()).toBe(0);
  });

  it.each([[7 * MINUTE], [45_000], [90_000], [120 * MINUTE], [500]])("of %i ms is refused", (interval) => {
    expect(() => scheduleOf(interval, systemClocks())).toThrow(
      expect.objectContaining({ code: "INTERVAL_UNSCHEDULABLE" }),
    );
  });

  it("of a demo looks every second, and waits for the boundary of its scaled tick", () => {
    const now = Date.now();
    const clocks = scaledClocks({ realStart: now, dataStart: TICK - 30_000, speed: 60 });
    const plan = scheduleOf(5 * MINUTE, clocks);
    expect(plan.cron).toBe("* * * * * *");
    // Half a minute of data is half a second here.
    expect(plan.delayMs()).toBeGreaterThan(300);
    expect(plan.delayMs()).toBeLessThan(700);
    expect(() => scheduleOf(5 * MINUTE, { ...clocks, speed: 600 })).toThrow(/allowed is a second/);
  });
});

const rate: RateObservation = {
  kind: "rate",
  pool: "p",
  region: null,
  hashrate: 5e18,
  window: { kind: "sliding", seconds: 600 },
  basis: "pool-reported",
  staleAfterMs: 10 * MINUTE,
  observedAtBasis: "body",
  raw: { text: "5", unit: "EH/s" },
};

describe("observations become samples", () => {
  const at = { tick: TICK, now: TICK + 2_000 };

  it("of their tick, with the upstream's own time, window and basis", () => {
    const { samples } = toSamples("ocean", [{ ...rate, observedAt: TICK - MINUTE, region: "EU" }], at);
    expect(samples).toEqual([
      {
        kind: "rate",
        at: TICK,
        pool: "p",
        source: "ocean",
        observedAt: TICK - MINUTE,
        hashrate: 5e18,
        basis: "pool-reported",
        region: "EU",
        windowSeconds: 600,
      },
    ]);
  });

  it.each([
    ["a stale figure", { observedAt: TICK - 11 * MINUTE }, "stale"],
    ["a time in the future", { observedAt: TICK + 5 * MINUTE }, "future"],
    ["unknown", { hashrate: null }, "unknown"],
    ["no number", { hashrate: Number.NaN }, "unknown"],
  ])("%s is counted and becomes nothing", (_, change, reason) => {
    const { samples, skipped } = toSamples("s", [{ ...rate, ...change }], at);
    expect(samples).toEqual([]);
    expect(skipped).toEqual({ [reason]: 1 });
  });

  it("zero stays zero where the source said it, and no time is made up", () => {
    const [sample] = toSamples("s", [{ ...rate, hashrate: 0, observedAtBasis: "fetch-time" }], at).samples;
    expect(sample).toMatchObject({ hashrate: 0 });
    expect(sample?.observedAt).toBeUndefined();
  });

  it("a block's header time may be old or ahead of ours: it is a block all the same", () => {
    const block = {
      kind: "block",
      pool: "p",
      height: 5,
      difficulty: 1,
      observedAtBasis: "body",
      staleAfterMs: 1,
      raw: rate.raw,
    } as const;
    for (const observedAt of [TICK - 9 * 60 * MINUTE, TICK + 90 * MINUTE]) {
      expect(toSamples("s", [{ ...block, observedAt }], at).samples).toMatchObject([
        { kind: "block", at: TICK, observedAt },
      ]);
    }
  });

  it("a block is told once, and memory of blocks is bounded", () => {
    const fresh = makeNewBlocks();
    const block = (height: number): BlockSample => ({ kind: "block", at: TICK, pool: "p", height, difficulty: 1 });
    expect(fresh("a", [block(1), block(2)]).length).toBe(2);
    expect(fresh("a", [block(2), block(3)])).toEqual([block(3)]);
    expect(fresh("b", [block(2)]).length).toBe(1);
    fresh(
      "a",
      Array.from({ length: 500 }, (_, i) => block(100 + i)),
    );
    expect(fresh("a", [block(599)])).toEqual([]);
    expect(fresh("a", [block(1)]).length).toBe(1);
  });

  it("passes on the block that a reorganisation put in the place of another, and the first when it comes back", () => {
    const fresh = makeNewBlocks();
    const block = (pool: string, observedAt: number): BlockSample => {
      return { kind: "block", at: TICK, pool, height: 7, difficulty: 1, observedAt };
    };
    expect(fresh("a", [block("p", TICK - 5)])).toEqual([block("p", TICK - 5)]);
    expect(fresh("a", [block("q", TICK - 3)])).toEqual([block("q", TICK - 3)]);
    expect(fresh("a", [block("q", TICK - 3)])).toEqual([]);
    expect(fresh("a", [block("p", TICK - 5)])).toEqual([block("p", TICK - 5)]);
  });
});
