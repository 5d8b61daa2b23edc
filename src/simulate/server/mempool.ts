/** mempool's REST shapes, from the simulated chain. Rates are H/s, times unix seconds. */

import { createHash } from "node:crypto";
import { DAY_MS } from "../../model/time-units.ts";
import type { PoolSpec, Scenario } from "../scenarios/contract.ts";
import { type Block, HASHES_PER_DIFFICULTY } from "../world/chain.ts";
import type { World } from "../world/world.ts";

/** mempool takes an unknown interval for "all time" without a word; "all" here is what the chain still holds. */
const INTERVALS: Readonly<Record<string, number>> = { "24h": DAY_MS, "3d": 3 * DAY_MS, "1w": 7 * DAY_MS };
const BLOCKS_PER_PAGE = 15;

/** Work over time of the last `count` blocks, as a node's getnetworkhashps counts it. */
function estimatedHashrate(blocks: readonly Block[], count: number): number {
  const part = blocks.slice(-count - 1);
  const [first, last] = [part[0], part.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  const hashes = part.slice(1).reduce((sum, block) => sum + block.difficulty * HASHES_PER_DIFFICULTY, 0);
  return Math.round(hashes / ((last.at - first.at) / 1000));
}

/** `/api/v1/mining/pools/:interval` */
export function miningPools(world: World, interval: string): unknown {
  const blocks = world.recentBlocks;
  const since = world.now - (INTERVALS[interval] ?? Number.POSITIVE_INFINITY);
  const counted = blocks.filter((block) => block.at > since && block.at <= world.now);
  const pools = world.scenario.pools
    .map((pool) => ({ pool, blockCount: counted.filter((block) => block.pool === pool.id).length }))
    .filter(({ blockCount }) => blockCount > 0)
    .sort((a, b) => b.blockCount - a.blockCount)
    .map(({ pool, blockCount }, index) => ({
      // A row id of the instance's own database: not the stable id.
      poolId: pool.uniqueId + 1,
      name: pool.name,
      link: `https://example.invalid/${pool.slug}`,
      blockCount,
      rank: index + 1,
      emptyBlocks: 0,
      slug: pool.slug,
      avgMatchRate: 99.9,
      avgFeeDelta: "-0.02",
      poolUniqueId: pool.uniqueId,
    }));
  return {
    pools,
    blockCount: counted.length,
    lastEstimatedHashrate: estimatedHashrate(blocks, 144),
    lastEstimatedHashrate3d: estimatedHashrate(blocks, 432),
    lastEstimatedHashrate1w: estimatedHashrate(blocks, 1_008),
  };
}

/** `/api/v1/blocks` and `/api/v1/blocks/:height`: fifteen blocks down from a height (from the tip if undefined). */
export function blocks(world: World, fromHeight: number | undefined): unknown {
  const byId = new Map(world.scenario.pools.map((pool) => [pool.id, pool]));
  return world.recentBlocks
    .filter((block) => fromHeight === undefined || block.height <= fromHeight)
    .slice(-BLOCKS_PER_PAGE)
    .reverse()
    .map((block) => blockBody(world.scenario, block, byId.get(block.pool)));
}

export function tipHeight(world: World): number {
  return world.recentBlocks.at(-1)?.height ?? world.scenario.chain.nextHeight - 1;
}

/** Ids only have to be stable, distinct and shaped like block hashes. */
function blockHash(scenario: Scenario, height: number): string {
  return createHash("sha256").update(`${scenario.name}/${height}`).digest("hex").slice(20).padStart(64, "0");
}

function blockBody(scenario: Scenario, block: Block, pool: PoolSpec | undefined): unknown {
  return {
    id: blockHash(scenario, block.height),
    height: block.height,
    version: 536_870_912,
    timestamp: block.at / 1000,
    difficulty: block.difficulty,
    tx_count: 2_000,
    size: 1_500_000,
    weight: 3_993_000,
    previousblockhash: blockHash(scenario, block.height - 1),
    mediantime: block.at / 1000 - 3_000,
    stale: false,
    extras: {
      reward: 630_000_000,
      pool: { id: pool?.uniqueId ?? 0, name: pool?.name ?? "Unknown", slug: pool?.slug ?? "unknown", minerNames: null },
    },
  };
}

/** `/api/v1/mining/hashrate/:interval`: daily points, the difficulty's last steps, and the present. */
export function miningHashrate(world: World, interval: string): unknown {
  const chain = world.recentBlocks;
  const oldest = Math.max(chain[0]?.at ?? world.now, world.now - (INTERVALS[interval] ?? Number.POSITIVE_INFINITY));
  const hashrates: { timestamp: number; avgHashrate: number }[] = [];
  for (let day = Math.ceil(oldest / DAY_MS) * DAY_MS; day <= world.now; day += DAY_MS) {
    const before = chain.filter((block) => block.at <= day);
    const avgHashrate = estimatedHashrate(before, 144);
    if (avgHashrate > 0) hashrates.push({ timestamp: day / 1000, avgHashrate });
  }
  const difficulty = chain
    .filter((block, index) => block.at >= oldest && block.difficulty !== chain[index - 1]?.difficulty)
    .map((block) => ({ timestamp: block.at / 1000, difficulty: block.difficulty, height: block.height }));
  return {
    hashrates,
    difficulty,
    currentHashrate: estimatedHashrate(chain, 1_008),
    currentDifficulty: world.difficulty,
  };
}
