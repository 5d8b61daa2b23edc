/** Alerts of single pools: their size and onset hold the truth, are told again when they moved, and can be computed again. */
import { describe, expect, it } from "vitest";
import { differencesOf } from "../../src/detect/evidence/compare.ts";
import { readBundle } from "../../src/detect/evidence/recompute.ts";
import { run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

/** An outage of one pool from hour 30 on, which goes further at hour 34 where a second part is given. */
function outage(pool: string, first: number, second = first) {
  const trouble = (id: string, hour: number): number =>
    id !== pool || hour < 30 ? 1 : 1 - (hour < 34 ? first : second);
  return run(modelOf(), world({ seed: 91, days: 1.6, trouble }));
}

describe("a pool's own outage", () => {
  it.each([
    ["foxtrot", 0.6],
    ["bravo", 0.8],
    ["echo", 0.9],
    ["delta", 0.4],
  ])("of %s by %d is told with intervals that hold its size and its onset", (pool, part) => {
    const { events, bundles } = outage(pool, part);
    const [opened] = events.filter((event) => event.scope === "pool");
    expect(opened).toMatchObject({ type: "opened", pool });
    const { drop, startedAtLow, startedAtHigh, evidence } = opened!;
    expect(drop!.low).toBeLessThanOrEqual(part);
    expect(drop!.high).toBeGreaterThanOrEqual(part);
    expect(drop!.high - drop!.low).toBeLessThan(0.25);
    expect(Date.parse(startedAtLow!)).toBeLessThanOrEqual(START + 30 * HOUR);
    expect(Date.parse(startedAtHigh!)).toBeGreaterThanOrEqual(START + 30 * HOUR);
    expect(evidence![0]!.score).toBeGreaterThan(10);
    const bundle = readBundle(bundles.find(({ id }) => id === opened!.id)!);
    expect(differencesOf(bundle)).toEqual([]);
  });

  it("that goes further is told again", () => {
    const { events } = outage("foxtrot", 0.4, 0.8);
    const mine = events.filter((event) => event.scope === "pool");
    expect(mine[0]).toMatchObject({ type: "opened" });
    expect(Math.abs(mine[0]!.drop!.estimate - 0.4)).toBeLessThan(0.06);
    expect(Math.abs(mine.at(-1)!.drop!.estimate - 0.8)).toBeLessThan(0.06);
  });

  it("in whose bundle somebody changed the level is found out", () => {
    const { events, bundles } = outage("foxtrot", 0.6);
    const { id } = events.find((event) => event.scope === "pool")!;
    const bundle = readBundle(structuredClone(bundles.find((each) => each.id === id)!));
    if (bundle.kind !== "pool") throw new Error("a pool's bundle is of kind pool");
    bundle.fit.level.fall *= 0.8;
    expect(differencesOf(bundle).map(({ figure }) => figure)).toContain("lost");
  });
});
