/** The world's figures as samples, tick by tick: what a live run that polls the simulator stores. */
import type { PoolSample } from "../model/sample.ts";
import type { PoolApi, PoolSpec, Scenario } from "./scenarios/contract.ts";
import type { Block } from "./world/chain.ts";
import type { Reading } from "./world/figures.ts";
import { World } from "./world/world.ts";

/** Where ckpool's own instances stand; the names are those of its hosts. */
export const CKPOOL_HOSTS: Readonly<Record<string, string>> = { US: "solo", EU: "eusolo", AU: "ausolo" };

/** The region whose server the demo reads from the map of all regions instead. */
const MAPPED_REGION = "US";

/** The source that the demo configurations read a pool's figure from, named as the configuration names it. */
export function sourceIdOf(pool: PoolSpec, region?: string): string {
  if (pool.api === "ckpool" && region === MAPPED_REGION) return "regions-map:americas";
  if (pool.api === "ckpool") return `ckpool:${CKPOOL_HOSTS[region ?? ""] ?? "solo"}`;
  const type = pool.api === "reported" ? "reported-json" : (pool.api ?? "mempool");
  return type === pool.id ? type : `${type}:${pool.id}`;
}

/** Source of the block rows. */
export const BLOCK_SOURCE = "mempool";

/** Figures as pools print them: six digits. */
function printed(hashrate: number): number {
  return Number(hashrate.toPrecision(6));
}

interface Printing {
  /** The API says when its figure was made; the others print no time at all. */
  readonly timed: boolean;
  /** The API says over what it averages. */
  readonly windowSeconds?: number;
  /** A figure whose time is older is not taken for one. */
  readonly staleAfterMs: number;
}

const PRINTINGS: Readonly<Record<PoolApi, Printing>> = {
  foundry: { timed: false, windowSeconds: 3_600, staleAfterMs: 1_800_000 },
  antpool: { timed: false, staleAfterMs: 1_800_000 },
  viabtc: { timed: false, staleAfterMs: 1_800_000 },
  binance: { timed: false, staleAfterMs: 1_800_000 },
  reported: { timed: true, staleAfterMs: 1_800_000 },
  miningcore: { timed: false, windowSeconds: 600, staleAfterMs: 600_000 },
  ckpool: { timed: true, windowSeconds: 300, staleAfterMs: 180_000 },
};

/** What one pool's API says, as the rows of tick `at`; nothing when it does not answer, or with a figure of long ago. */
export function poolSamples(pool: PoolSpec, reading: Reading | null, at: number): PoolSample[] {
  if (reading === null || pool.api === undefined) return [];
  const { timed, windowSeconds, staleAfterMs } = PRINTINGS[pool.api];
  if (timed && at - reading.at > staleAfterMs) return [];
  const common = {
    kind: "rate" as const,
    at,
    pool: pool.id,
    ...(timed ? { observedAt: reading.at } : {}),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  };
  if (reading.servers === undefined) {
    return [{ ...common, hashrate: printed(reading.hashrate), source: sourceIdOf(pool), basis: "pool-reported" }];
  }
  return [...reading.servers]
    .filter(([region]) => region in CKPOOL_HOSTS)
    .map(([region, figures]) => ({
      ...common,
      region,
      // ckpool prints three digits, the map all of them.
      hashrate: region === MAPPED_REGION ? Math.round(figures.hashrate5m) : Number(figures.hashrate5m.toPrecision(3)),
      source: sourceIdOf(pool, region),
      basis: "server-location",
    }));
}

export function blockSample(block: Block): PoolSample {
  const { height, difficulty, pool, at } = block;
  return { kind: "block", at, pool, height, difficulty, source: BLOCK_SOURCE, observedAt: at };
}

/** The rows of one tick. */
export interface SimulatedTick {
  readonly at: number;
  readonly samples: readonly PoolSample[];
}

/**
 * A fresh world's ticks in (from, to], in order. The world is advanced from the scenario's start, so the same tick is the
 * same whatever `from` is.
 *
 * @param range data ms; `to` may lie after the scenario's end
 */
export function* simulateTicks(
  scenario: Scenario,
  seed: number,
  range: { readonly from: number; readonly to: number; readonly intervalMs: number },
): Generator<SimulatedTick> {
  const world = new World(scenario, seed);
  let blocks: Block[] = [];
  while (world.now < range.to) {
    blocks.push(...world.step());
    if (world.now % range.intervalMs !== 0) continue;
    if (world.now > range.from && world.now <= range.to) {
      const figures = scenario.pools.flatMap((pool) => poolSamples(pool, world.reading(pool.id), world.now));
      yield { at: world.now, samples: [...figures, ...blocks.map(blockSample)] };
    }
    blocks = [];
  }
}
