import { describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import { quietStart } from "./quiet-start.ts";
import { opened, run } from "./run.ts";
import { type Fall, HOUR, modelOf, START, world } from "./world.ts";

const DIP = { from: 50, hours: 7, depth: 0.1 };
/** Half a sine: all pools fall for half its length, and come back. */
const dip = (hour: number): number => {
  const part = (hour - DIP.from) / DIP.hours;
  return part > 0 && part < 1 ? 1 - DIP.depth * Math.sin(Math.PI * part) : 1;
};

describe("while everything dips", () => {
  const falls: readonly (Fall & { seed: number; within: number })[] = [
    { seed: 41, region: "KZ", drop: 0.8, from: 52, until: 70, rampMinutes: 15, within: 40 },
    { seed: 42, region: "KZ", drop: 0.8, from: 53.5, until: 70, rampMinutes: 15, within: 40 },
    { seed: 143, region: "KZ", drop: 0.7, from: 55, until: 70, rampMinutes: 15, within: 40 },
    { seed: 44, region: "RU", drop: 0.9, from: 53, until: 70, rampMinutes: 15, within: 60 },
  ];
  it.each(falls)("$region that falls by $drop at hour $from is named within $within minutes (seed $seed)", (fall) => {
    const { seed, within, ...one } = fall;
    const { events } = run(modelOf(), world({ seed, days: 2.35, falls: [one], wide: dip }));
    const named = opened(events).filter((event) => event.scope === "region");
    expect(named.map((event) => event.region)).toEqual([fall.region]);
    const minutes = (Date.parse(named[0]!.at) - START - fall.from * HOUR) / 60_000;
    expect(minutes).toBeGreaterThan(0);
    expect(minutes).toBeLessThanOrEqual(within);
    expect(events.filter((event) => event.scope === "region" && event.resolution === "retracted")).toEqual([]);
  });

  it.each([51, 53])("nothing is said of a region when none falls (seed %d)", (seed) => {
    const { events } = run(modelOf(), world({ seed, days: 2.45, wide: dip }));
    expect(opened(events).filter((event) => event.scope === "region")).toEqual([]);
  });
});

describe("a dip of everything that passes", () => {
  // Short windows are back while long ones are not: by their windows pools look like regions.
  const quiet = quietStart({ hours: 49, world: { seed: 41 } });
  it.each([41, 42, 43, 44, 45, 46])("opens no region, its depth and length drawn by seed %i", (seed) => {
    const uniform = seededRandom(seed);
    const depth = 0.02 + 0.04 * uniform();
    const hours = 1 + 5 * uniform();
    const wide = (h: number): number => {
      const phase = (h - 50) / hours;
      return phase > 0 && phase < 1 ? 1 - depth * Math.sin(Math.PI * phase) : 1;
    };
    expect(opened(quiet.run(world({ seed: 41, days: (52 + hours) / 24, wide })).events)).toEqual([]);
  });
});
