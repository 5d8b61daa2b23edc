/** The smallest falls that would be told, before any figure came. */
import { describe, expect, it } from "vitest";
import { resolvability } from "../../src/detect/resolvability.ts";
import { modelOf } from "./world.ts";

describe("what pools can show", () => {
  const found = resolvability(modelOf());
  it("is a smaller drop within a day than within an hour, for every region", () => {
    expect(found.map((entry) => entry.region)).toEqual(["CA", "DE", "KZ", "RU", "US"]);
    for (const { smallestDropHour, smallestDropDay } of found)
      expect(smallestDropDay ?? 2).toBeLessThanOrEqual(smallestDropHour ?? 2);
    expect(found.find((entry) => entry.region === "KZ")!.smallestDropDay!).toBeLessThan(0.3);
  });
  it("is no smaller where the region is to be named than where it is listed, and smaller within a day", () => {
    for (const each of found) {
      const { smallestDropHour, smallestDropDay, smallestNamedHour, smallestNamedDay } = each;
      expect(smallestNamedHour ?? 2).toBeGreaterThanOrEqual(smallestDropHour ?? 2);
      expect(smallestNamedDay ?? 2).toBeGreaterThanOrEqual(smallestDropDay ?? 2);
      expect(smallestNamedDay ?? 2).toBeLessThanOrEqual(smallestNamedHour ?? 2);
    }
  });

  it("grows for all regions of a pool that is heard no more", () => {
    const fewer = resolvability({ ...modelOf(), pools: modelOf().pools.slice(1) });
    for (const { region, smallestDropDay } of fewer) {
      const before = found.find((entry) => entry.region === region)?.smallestDropDay ?? 2;
      expect(smallestDropDay ?? 2).toBeGreaterThanOrEqual(before - 0.02);
    }
  });

  it("names the regions that the weights cannot tell apart", () => {
    const model = modelOf();
    const pools = model.pools.map((pool) => ({
      ...pool,
      regions: pool.regions.flatMap((entry) =>
        entry.region === "KZ"
          ? [
              { ...entry, weight: entry.weight / 2, sd: entry.sd / 2 },
              { region: "UZ", weight: entry.weight / 2, sd: entry.sd / 2 },
            ]
          : [entry],
      ),
    }));
    const split = resolvability({ ...model, pools });
    expect(split.find((entry) => entry.region === "KZ")!.confusedWith[0]).toMatchObject({ region: "UZ" });
  });
});
