import { describe, expect, it } from "vitest";
import { World } from "../../src/simulate/world/world.ts";
import { FAMILIES } from "./families.ts";

const SEEDS = [1, 2, 3];
const DAY = 86_400_000;
const WORLDS = FAMILIES.flatMap((family) => SEEDS.map((seed) => ({ family, name: family.name, seed })));

/** Falls in each world; of China's year only April is scored. */
const FALLS: Readonly<Record<string, number>> = { calm: 0, blackout: 2, partial: 2, confounded: 2 };

describe.each(WORLDS)("family $name, seed $seed", ({ family, name, seed }) => {
  const world = family.make(seed);
  const { scenario, falls, until, model } = world;

  it("has its falls whole in its time, after a day of history at least", () => {
    expect(falls).toHaveLength(FALLS[name] ?? 1);
    for (const { region, start, rampEnd, end } of falls) {
      expect(Object.keys(scenario.regions)).toContain(region);
      expect(start).toBeGreaterThan(scenario.startsAt + DAY);
      expect(rampEnd).toBeGreaterThan(start);
      expect(end).toBeGreaterThan(rampEnd);
      expect(end).toBeLessThanOrEqual(until);
    }
  });

  it("tells weights that are not the world's own", () => {
    const { fleet } = new World(scenario, seed);
    const off = model.pools.flatMap(({ id, regions }) => {
      const row = fleet.hashrate[fleet.pools.indexOf(id)]!;
      const total = row.reduce((a, b) => a + b, 0);
      expect(regions.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(1.001);
      return regions.map(({ region, weight }) => Math.abs(weight - (row[fleet.regions.indexOf(region)] ?? 0) / total));
    });
    expect(Math.max(...off)).toBeGreaterThan(0.02);
  });

  it("is the same when it is made again", () => {
    expect(family.make(seed).falls).toEqual(falls);
    expect(family.make(seed).model).toEqual(model);
  });
});

describe("seeds of a family", () => {
  it.each(FAMILIES.filter((family) => family.name in FALLS).map((family) => [family.name, family] as const))(
    "%s differ in their weights",
    (_, family) => {
      expect(family.make(1).model.pools).not.toEqual(family.make(2).model.pools);
    },
  );
});
