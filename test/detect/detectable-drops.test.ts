/** The smallest falls that would be told: before any figure came, and with the rows that are fresh. */
import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { resolvability } from "../../src/detect/resolvability.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

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

describe("what can be seen now", () => {
  const detector = createDetector(modelOf());
  const silenced = START + 30 * HOUR;
  const [lost] = modelOf().pools;
  const seen: { at: number; drops: Record<string, number> }[] = [];
  let state = detector.initial();
  for (const { at, rows } of world({ seed: 3, days: 2 })) {
    const heard = rows.filter((row) => at < silenced || !("pool" in row) || row.pool !== lost!.id);
    state = detector.advance(state, { at, rows: heard }).state;
    const regions = Object.entries(state.detectable).map(([region, { day }]) => [region, day.listed ?? 2] as const);
    seen.push({ at, drops: Object.fromEntries(regions) });
  }
  const dropsAt = (hours: number) => seen.find((entry) => entry.at >= START + hours * HOUR)!.drops;

  it("is said of every region once the network is warm, and not before", () => {
    expect(seen[1]!.drops).toEqual({});
    expect(Object.keys(dropsAt(29.9)).sort()).toEqual(["CA", "DE", "KZ", "RU", "US"]);
  });

  it("is computed seldom while the rows say the same", () => {
    const changes = seen.filter(
      ({ drops }, k) => k > 0 && JSON.stringify(drops) !== JSON.stringify(seen[k - 1]!.drops),
    );
    expect(changes.length).toBeLessThan(seen.length / 10);
  });

  it("is a larger fall where a pool of the region is heard no more", () => {
    const regions = lost!.regions.map(({ region }) => region).filter((region) => region in dropsAt(29.9));
    const grown = regions.filter((region) => dropsAt(47)[region]! > dropsAt(29.9)[region]!);
    expect(grown.length).toBeGreaterThan(0);
  });
});
