/** What an alert says of the size of a fall, and when it says that it is over. */
import { beforeAll, describe, expect, it } from "vitest";
import type { ExplainBundle } from "../../src/detect/contract.ts";
import { readBundle, recompute, recomputeLevels } from "../../src/detect/evidence/recompute.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, POOLS, START, world } from "./world.ts";

const FALL = { region: "KZ", drop: 0.8, from: 40, until: 60 };
/** H/s that the region has by the shown weights. */
const sizeOf = (region: string): number =>
  POOLS.reduce((sum, pool) => sum + pool.size * (pool.weights[region] ?? 0), 0);
/** A third goes at once, and more over the days after. */
const DEEPENS = [
  { ...FALL, drop: 0.3 },
  { region: "KZ", drop: 0.6, from: 70, until: 400, rampMinutes: 1800 },
];
/** The world's pools with windows that are not theirs. */
const MISTAKEN = POOLS.map((pool) => ({ ...pool, windowMinutes: pool.windowMinutes === 10 ? 60 : 10 }));
const hourOf = (event: AlertEvent): number => (Date.parse(event.at) - START) / HOUR;

describe("what was lost", () => {
  const truth = FALL.drop * sizeOf("KZ");

  it.each([1, 2])("is right where configured windows are not, seed %i", (seed) => {
    const { events } = run(modelOf(MISTAKEN), world({ seed, days: 2, falls: [FALL], weightError: 0.05 }));
    const said = regional(events);
    const named = said.filter((event) => event.region !== null);
    expect(new Set(named.map((event) => event.region))).toEqual(new Set(["KZ"]));
    expect(hourOf(named[0]!)).toBeLessThan(FALL.from + 0.5);
    expect(Math.abs(said.at(-1)!.lost!.hashrate / truth - 1)).toBeLessThan(0.15);
  });

  it("does not grow because everything dips for some hours", () => {
    const wide = (h: number): number => (h > 46 && h < 52 ? 1 - 0.06 * Math.sin((Math.PI * (h - 46)) / 6) : 1);
    const { events } = run(modelOf(), world({ seed: 6, days: 3, falls: [FALL], wide, weightError: 0.05 }));
    for (const event of regional(events)) expect(event.lost!.hashrate).toBeLessThan(1.25 * truth);
    expect(regional(events).at(-1)).toMatchObject({ type: "resolved", resolution: "recovered", region: "KZ" });
    expect(hourOf(regional(events).at(-1)!)).toBeGreaterThan(FALL.until + 1);
  });

  describe("of a fall that goes on for days", () => {
    let events: AlertEvent[];
    let bundles: ExplainBundle[];
    beforeAll(() => {
      ({ events, bundles } = run(modelOf(), world({ seed: 5, days: 5, falls: DEEPENS, weightError: 0.05 })));
    });

    it("grows with it, and is the drop of the same region", () => {
      const last = regional(events).at(-1)!;
      const gone = 1 - 0.7 * 0.4;
      expect(last.region).toBe("KZ");
      expect(Math.abs(last.lost!.hashrate / (gone * sizeOf("KZ")) - 1)).toBeLessThan(0.25);
      expect(last.drop!.low).toBeLessThan(gone);
      expect(last.drop!.high).toBeGreaterThan(gone);
    });

    it("comes again from every bundle, those of levels alone among them", () => {
      const kinds = new Set<string>();
      for (const entry of bundles) {
        const bundle = readBundle(JSON.parse(JSON.stringify(entry)));
        if (bundle.kind !== "figures" && bundle.kind !== "levels") throw new Error("regions alone fall in this world");
        kinds.add(bundle.kind === "figures" && bundle.levels ? "figures with levels" : bundle.kind);
        const again = bundle.kind === "levels" ? recomputeLevels(bundle) : recompute(bundle);
        const said = events.find((event) => event.id === entry.id && event.revision === entry.revision)!;
        expect(again.lost / said.lost!.hashrate).toBeCloseTo(1, 2);
        expect(again.drop.estimate).toBeCloseTo(said.drop!.estimate, 2);
      }
      expect(kinds.has("figures")).toBe(true);
      expect(kinds.size).toBeGreaterThan(1);
    });
  });
});

describe("the end of a fall", () => {
  const small = { region: "DE", drop: 0.5, from: 40, until: 66 };

  it.each([11, 13])("is not seen in a daily rhythm of other regions, seed %i", (seed) => {
    const pools = POOLS;
    // A thirtieth of the United States rests every afternoon: a third of what the small region lost.
    const rhythm = (id: string, h: number): number => {
      const us = pools.find((pool) => pool.id === id)!.weights.US ?? 0;
      return 1 - 0.03 * us * Math.max(0, Math.sin((Math.PI * ((h % 24) - 12)) / 6));
    };
    const { events } = run(modelOf(), world({ seed, days: 3.2, falls: [small], trouble: rhythm, weightError: 0.05 }));
    const mine = regional(events).filter((event) => event.region === "DE");
    const end = mine.find((event) => event.type === "resolved");
    if (mine.length > 0) expect(hourOf(end!)).toBeGreaterThan(small.until + 1);
    expect(opened(events).filter((event) => event.region !== "DE")).toEqual([]);
  });

  it("is a new regime only so long after the fall was complete", () => {
    const model = modelOf();
    const short = { ...model, detection: { ...model.detection, newRegimeAfterSeconds: 86_400 } };
    const falls = [{ region: "KZ", drop: 0.8, from: 45, until: 600, rampMinutes: 1440 }];
    const { events } = run(short, world({ seed: 15, days: 4.5, falls, weightError: 0.05 }));
    const opening = regional(events)[0]!;
    const end = regional(events).find((event) => event.resolution === "new-regime")!;
    expect(end.region).toBe("KZ");
    expect(hourOf(opening)).toBeLessThan(60);
    // The ramp ends at hour 69; told from the opening alone the end would have come a day after it.
    expect(hourOf(end)).toBeGreaterThan(69 + 18);
    expect(hourOf(end)).toBeGreaterThan(hourOf(opening) + 30);
  });

  it("of a slow fall leaves nothing that looks like another one", () => {
    const falls = [{ region: "US", drop: 0.6, from: 48, until: 110, rampMinutes: 2400 }];
    const { events } = run(modelOf(), world({ seed: 16, days: 7, falls, weightError: 0.05 }));
    expect(opened(events).map((event) => event.region)).toEqual(["US"]);
    expect(regional(events).at(-1)).toMatchObject({ type: "resolved", resolution: "recovered" });
  });
});
