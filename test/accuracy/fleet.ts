/** Fleets that differ from seed to seed, and the imperfect weights that a detector is told of them. */
import type { PoolSpec, Scenario } from "../../src/simulate/scenarios/contract.ts";
import type { Fleet } from "../../src/simulate/world/fleet.ts";
import type { Random } from "../../src/simulate/world/random.ts";

/** Regions' shares wander about as much between two years of the Cambridge map (log sd). */
const SHARE_SD = 0.35;
/** Shape of the gamma that a pool's leaning to a region is drawn from; 3: a relative sd of 0.58. */
const LEAN_SHAPE = 3;
/** Relative sd of the told weights: what a weight that states no sd is taken to have. */
const WEIGHT_SD = 0.25;
/** Smaller shares are not published by anybody. */
const TOLD_FROM = 0.002;

/** The network's shares by region, drawn around a scenario's and summing to what those sum to. */
export function drawShares(regions: Scenario["regions"], random: Random): Record<string, number> {
  const drawn = Object.entries(regions).map(([region, share]) => [
    region,
    share * Math.exp(SHARE_SD * random.normal()),
  ]);
  const sum = (of: readonly (readonly [string, number])[]) => of.reduce((total, [, share]) => total + share, 0);
  const scale = sum(Object.entries(regions)) / sum(drawn as [string, number][]);
  return Object.fromEntries((drawn as [string, number][]).map(([region, share]) => [region, share * scale]));
}

/** The pools with leanings of their own on top of those that are known of them. */
export function drawLeanings(scenario: Scenario, random: Random): PoolSpec[] {
  return scenario.pools.map((pool) => ({
    ...pool,
    lean: Object.fromEntries(
      Object.keys(scenario.regions).map((region) => [
        region,
        ((pool.lean?.[region] ?? 1) * random.gamma(LEAN_SHAPE)) / LEAN_SHAPE,
      ]),
    ),
  }));
}

/** Configuration (JSON is YAML) of a world's pools: true windows, weights that are off, no word of how far. */
export function toldConfig(scenario: Scenario, fleet: Fleet, random: Random): string {
  const pools: Record<string, unknown> = {};
  for (const [p, pool] of scenario.pools.entries()) {
    // Nobody knows where unknown miners are.
    if (pool.id === "unknown") continue;
    const off = Array.from(fleet.hashrate[p]!, (rate) => rate * Math.exp(WEIGHT_SD * random.normal()));
    const sum = off.reduce((a, b) => a + b, 0);
    const told = fleet.regions.map((region, r) => [region, Number((off[r]! / sum).toFixed(4))] as const);
    pools[pool.id] = {
      ...(pool.figure === undefined ? {} : { window: `${pool.figure.seconds}s` }),
      regions: Object.fromEntries(told.filter(([region, share]) => region !== "OTHER" && share >= TOLD_FROM)),
    };
  }
  return JSON.stringify({
    networks: { bitcoin: { interval: "5m", regions: { EU: "Europe without Russia" }, pools } },
  });
}
