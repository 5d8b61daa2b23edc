import { describe, expect, it } from "vitest";
import type { Detector } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import { learnWindow, WINDOW_SUMS, windowShown } from "../../src/detect/filter/window-learning.ts";
import type { DetectorState } from "../../src/detect/state/state.ts";
import { opened, run } from "./run.ts";
import { modelOf, POOLS, type WorldOptions, world } from "./world.ts";

/** Noise from share to share, and hardly any after the averaging, as recorded pool figures show. */
const RECORDED = { shareNoise: 0.02, figureNoise: 0.0002 } as const;

/** What the configuration says: the windows of the pools dealt anew, so that most of them are wrong. */
const WRONG = POOLS.map((pool, k) => ({ ...pool, windowMinutes: POOLS[(k + 3) % POOLS.length]!.windowMinutes }));

function shownBy(figures: readonly number[]): number {
  const sums = new Float32Array(WINDOW_SUMS);
  for (let end = 361; end <= figures.length; end += 72) learnWindow(sums, 0, figures.slice(end - 361, end), 72, 300);
  return windowShown(sums, 0);
}

function figuresOf(options: WorldOptions, pool: string): number[] {
  return [...world(options)].map(({ rows }) => rows.find((row) => row.pool === pool)!.hashrate);
}

describe("a pool's averaging window", () => {
  it.each(POOLS.map(({ id, windowMinutes }) => ({ id, windowMinutes })))(
    "of $windowMinutes minutes ($id) shows in its figures",
    ({ id, windowMinutes }) => {
      expect(shownBy(figuresOf({ seed: 61, days: 3, ...RECORDED }, id))).toBe(windowMinutes / 5);
    },
  );

  it.each(POOLS.map(({ id }) => id))("is not made up where noise after the averaging hides it (%s)", (id) => {
    expect(shownBy(figuresOf({ seed: 62, days: 3 }, id))).toBe(0);
  });

  it("is not read off a page that is made anew once an hour", () => {
    const figures = figuresOf({ seed: 63, days: 3, ...RECORDED }, "alpha");
    expect(shownBy(figures.map((_, k) => figures[k - (k % 12)]!))).toBe(0);
  });

  it("is used where the configuration says another, and kept with the state", () => {
    const detector = createDetector(modelOf(WRONG)) as unknown as Detector<DetectorState>;
    let state = detector.initial();
    for (const tick of world({ seed: 64, days: 3, ...RECORDED })) state = detector.advance(state, tick).state;
    const again = detector.decode(detector.encode(state));
    const used = again.rows.map(({ pool }, row) => again.windows[row]! || minutesOf(WRONG, pool) * 60);
    expect(used).toEqual(again.rows.map(({ pool }) => minutesOf(POOLS, pool) * 60));
  });
});

function minutesOf(pools: typeof POOLS, id: string): number {
  return pools.find((pool) => pool.id === id)!.windowMinutes;
}

describe("with most windows configured wrongly", () => {
  it.each([
    { seed: 71, depth: 0.3, minutes: 10 },
    { seed: 72, depth: 0.15, minutes: 30 },
    { seed: 73, depth: 0.4, minutes: 5 },
  ])("no region is named when everything falls by $depth within $minutes minutes (seed $seed)", (fall) => {
    const wide = (hour: number): number => 1 - fall.depth * Math.max(0, Math.min(1, (60 * (hour - 50)) / fall.minutes));
    const { events } = run(modelOf(WRONG), world({ seed: fall.seed, days: 2.25, wide, ...RECORDED }));
    expect(opened(events)).toEqual([]);
    expect(events.filter((event) => event.scope === "network" && event.type === "opened")).toHaveLength(1);
  });

  it.each([74])("the region that falls is named, and no other (seed %d)", (seed) => {
    const falls = [{ region: "KZ", drop: 0.8, from: 50, until: 56, rampMinutes: 15 }];
    const { events } = run(modelOf(WRONG), world({ seed, days: 2.3, falls, ...RECORDED }));
    expect(opened(events).map((event) => event.region)).toEqual(["KZ"]);
  });
});
