/** The fleet: which pool has how much hash rate in which region. Truth of the simulated world, never shown to a detector. */
import type { Scenario, Story } from "../scenarios/contract.ts";
import type { Random } from "./random.ts";

export interface Fleet {
  readonly pools: readonly string[];
  readonly regions: readonly string[];
  /** H/s, row per pool, column per region. */
  readonly hashrate: readonly Float64Array[];
}

/** Higher: pools are closer to their typical composition. 60 gives a relative sd of about 0.27 to a region of 18 %. */
const COMPOSITION_CONCENTRATION = 60;

/** Rounds of fitting; the margins agree to a thousandth long before. */
const FITTING_ROUNDS = 50;

/**
 * Every pool's typical composition, rows that sum to one: the network's regional shares times the pool's leanings, with
 * the regions scaled so that all pools together have the network's shares again.
 */
function typicalCompositions(scenario: Scenario): number[][] {
  const regions = Object.keys(scenario.regions);
  const wanted = regions.map((region) => scenario.regions[region]!);
  const wantedSum = wanted.reduce((sum, value) => sum + value, 0);
  const poolSum = scenario.pools.reduce((sum, pool) => sum + pool.share, 0);
  const level = [...wanted];
  const compositions = () =>
    scenario.pools.map((pool) => {
      const row = regions.map((region, r) => level[r]! * (pool.lean?.[region] ?? 1));
      const rowSum = row.reduce((sum, value) => sum + value, 0);
      return row.map((value) => value / rowSum);
    });
  for (let round = 0; round < FITTING_ROUNDS; round++) {
    const rows = compositions();
    for (const [r, share] of wanted.entries()) {
      const reached = rows.reduce((sum, row, p) => sum + (row[r]! * scenario.pools[p]!.share) / poolSum, 0);
      if (reached > 0) level[r]! *= share / wantedSum / reached;
    }
  }
  return compositions();
}

/**
 * Draws every pool's composition: a Dirichlet around its typical one, with the shares that the reported falls force held
 * fixed.
 */
export function drawFleet(scenario: Scenario, story: Story, random: Random): Fleet {
  const regions = Object.keys(scenario.regions);
  const pools = scenario.pools.map((pool) => pool.id);
  const typical = typicalCompositions(scenario);
  const hashrate = scenario.pools.map((pool, p) => {
    const forced = story.shares[pool.id] ?? {};
    const drawn = typical[p]!.map((share) => (share > 0 ? random.gamma(share * COMPOSITION_CONCENTRATION) : 0));
    const forcedSum = regions.reduce((sum, region) => sum + (forced[region] ?? 0), 0);
    const freeSum = regions.reduce((sum, region, r) => sum + (forced[region] === undefined ? drawn[r]! : 0), 0);
    const total = pool.share * scenario.hashrate;
    return Float64Array.from(regions, (region, r) => {
      const share = forced[region] ?? (freeSum > 0 ? (drawn[r]! / freeSum) * (1 - forcedSum) : 0);
      return share * total;
    });
  });
  return { pools, regions, hashrate };
}

/** A region's share of the whole fleet, before anything fell. */
export function regionShare(fleet: Fleet, region: string): number {
  const column = fleet.regions.indexOf(region);
  let inRegion = 0;
  let all = 0;
  for (const row of fleet.hashrate) {
    for (const [r, value] of row.entries()) {
      all += value;
      if (r === column) inRegion += value;
    }
  }
  return all > 0 ? inRegion / all : 0;
}
