import { describe, expect, it } from "vitest";
import { scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { CONFOUNDER_KINDS, type Confounder, drawConfounders } from "../../src/simulate/world/confounders.ts";
import type { Fleet } from "../../src/simulate/world/fleet.ts";
import { Flow, STEP_MS } from "../../src/simulate/world/flow.ts";
import { Random } from "../../src/simulate/world/random.ts";

const START = Date.parse("2022-02-05T00:00:00Z");
const MIDDLE = 60;
const fleet: Fleet = {
  pools: ["large", "small"],
  regions: ["US", "KZ"],
  hashrate: [Float64Array.of(6e19, 2e19), Float64Array.of(1e19, 1e19)],
};

/** Pools' hash rates an hour after the start, with and without the confounder: the noise is the same in both. */
function effect(confounder: Omit<Confounder, "start" | "end">): number[] {
  const span = { start: START, end: START + 2 * MIDDLE * STEP_MS };
  const after = (confounders: readonly Confounder[]) => {
    const flow = new Flow(fleet, { curves: {}, shares: {}, events: [] }, confounders, new Random("flow"));
    for (let minute = 1; minute <= MIDDLE; minute++) flow.step(START + minute * STEP_MS);
    return flow.now.map((row) => row.reduce((sum, value) => sum + value, 0));
  };
  const plain = after([]);
  return after([{ ...confounder, ...span }]).map((value, index) => value / plain[index]!);
}

describe("what looks like a regional fall and is none", () => {
  it("a pool's outage takes from that pool alone, in all its regions", () => {
    const [large, small] = effect({ kind: "pool-outage", pool: "small", size: 0.6 });
    expect(small).toBeCloseTo(0.4, 9);
    expect(large).toBeCloseTo(1, 9);
  });

  it("a migration keeps the sum", () => {
    const [large, small] = effect({ kind: "migration", pool: "large", toPool: "small", size: 0.1 });
    expect(large).toBeCloseTo(0.9, 9);
    expect(small).toBeCloseTo(1.4, 9);
  });

  it("a dip of the network takes the same part of every pool", () => {
    const [large, small] = effect({ kind: "network-dip", pool: null, size: 0.1 });
    expect(large).toBeCloseTo(0.9, 9);
    expect(small).toBeCloseTo(0.9, 9);
  });

  it("comes about as often as the scenario says, in every kind, to pools that have a figure", () => {
    const scenario = { ...scenarioNamed("calm"), confoundersPerDay: 2 };
    const days = 300;
    const drawn = drawConfounders(scenario, START, START + days * 86_400_000, new Random("confounders"));
    expect(Math.abs(drawn.length - 2 * days)).toBeLessThan(5 * Math.sqrt(2 * days));
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(CONFOUNDER_KINDS));
    const silent = scenario.pools.filter(({ figure }) => figure === undefined).map(({ id }) => id);
    expect(drawn.some(({ pool }) => pool !== null && silent.includes(pool))).toBe(false);
    expect(drawn.every(({ start, end, toPool, pool }) => end > start && toPool !== pool)).toBe(true);
  });
});
