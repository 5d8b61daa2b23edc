/** Scores of all regions and their rivals at the newest block. */

import { DAY_MS } from "../../model/time-units.ts";
import { itemAt } from "../model/elements.ts";
import type { BlockEvaluation, BlockFeed, BlockRival, RegionScore } from "./contract.ts";
import { newestTime } from "./intake.ts";
import type { Memory } from "./memory.ts";
import type { Network } from "./network.ts";
import {
  alike,
  lossTemplates,
  meanScore,
  type Ratios,
  ratiosOf,
  regionTemplates,
  spanRatios,
  type Templates,
} from "./scores.ts";
import { EVALUATION_INTERVALS, NETWORK_LOSS_MEAN, NETWORK_LOSSES, POOL_LOSSES, SILENT_INTERVALS } from "./settings.ts";
import { tally, windowStarts } from "./tally.ts";

/** Part of the needed baseline at which it is enough: a few missing heights must not hold it up for days. */
const BLOCK_WARM_PART = 0.97;

/** Everything scored at once, made once per model. */
export interface Hypotheses {
  readonly regions: Templates;
  readonly drops: readonly number[];
  readonly pools: Templates;
  readonly network: Templates;
  readonly poolPrior: readonly number[];
  readonly dropPrior: readonly number[];
  readonly networkPrior: readonly number[];
}

export function hypothesesOf(network: Network): Hypotheses {
  const { drops } = network.settings;
  const slots = network.pools.length + 1;
  const prior = NETWORK_LOSSES.map((loss) => Math.exp(-loss / NETWORK_LOSS_MEAN));
  const whole = prior.reduce((sum, part) => sum + part, 0);
  return {
    regions: regionTemplates(network, drops),
    drops,
    pools: lossTemplates(slots, POOL_LOSSES),
    network: lossTemplates(slots, NETWORK_LOSSES),
    poolPrior: alike(POOL_LOSSES.length),
    dropPrior: alike(drops.length),
    networkPrior: prior.map((part) => part / whole),
  };
}

/** Covered time the baseline needs, in the decaying sum's own measure. */
function neededMs(network: Network): number {
  const { memoryMs, warmDays } = network.settings;
  return BLOCK_WARM_PART * memoryMs * (1 - Math.exp((-warmDays * DAY_MS) / memoryMs));
}

/** Covered time as of now: what a dead feed leaves behind grows old. */
function coveredMs(network: Network, memory: Memory): number {
  if (memory.sumsAt === 0) return 0;
  const idle = Math.max(0, newestTime(memory) - network.settings.guardMs - memory.sumsAt);
  return memory.covered * Math.exp(-idle / network.settings.memoryMs);
}

export function isWarm(network: Network, memory: Memory): boolean {
  return coveredMs(network, memory) >= neededMs(network);
}

/** When the baseline will be enough if no block is missed from now on. */
export function warmAt(network: Network, memory: Memory): number {
  const { memoryMs, guardMs } = network.settings;
  const have = coveredMs(network, memory);
  const wait = memoryMs * Math.log((memoryMs - have) / (memoryMs - neededMs(network)));
  const learnedTo =
    memory.sumsAt > 0 ? Math.max(memory.edgeTime, newestTime(memory) - guardMs) : (memory.times[0] ?? 0);
  return learnedTo + Math.max(0, wait) + guardMs;
}

function feedOf(network: Network, memory: Memory, at: number): BlockFeed {
  if (memory.length === 0) return "none";
  return at - newestTime(memory) > SILENT_INTERVALS * network.blockMs ? "silent" : "ok";
}

/** True when a block came since the last evaluation and that was long enough ago: falls take many hours to show. */
export function isDue(network: Network, memory: Memory, at: number): boolean {
  return memory.dirty && at - memory.evaluatedAt >= EVALUATION_INTERVALS * network.blockMs;
}

export function evaluate(network: Network, hypotheses: Hypotheses, memory: Memory, at: number): BlockEvaluation {
  memory.dirty = false;
  memory.evaluatedAt = at;
  const feed = feedOf(network, memory, at);
  if (feed === "none") return { at, feed, warm: false, regions: [], rivals: [] };
  const lastBlockAt = newestTime(memory);
  if (!isWarm(network, memory)) {
    return { at, feed, lastBlockAt, warm: false, warmAt: warmAt(network, memory), regions: [], rivals: [] };
  }
  const ratios = ratiosOf(
    tally(network, memory, memory.falls, windowStarts(network, memory)),
    network.settings.outlierPart,
  );
  const rivals = rivalsOf(network, hypotheses, ratios);
  const { regions, drops, dropPrior } = hypotheses;
  const sums = spanRatios(ratios, regions);
  const scores = network.regions.map((_, r) => meanScore(sums, regions.hypotheses, r * drops.length, dropPrior));
  return { at, feed, lastBlockAt, warm: true, regions: rank(network, scores, rivals), rivals };
}

function rivalsOf(network: Network, hypotheses: Hypotheses, ratios: Ratios): BlockRival[] {
  const { pools, poolPrior, networkPrior } = hypotheses;
  const together = (slots: readonly number[]): number =>
    meanScore(spanRatios(ratios, pools, slots), pools.hypotheses, 0, poolPrior);
  const whole = spanRatios(ratios, hypotheses.network);
  return [
    ...network.pools.map((name, slot) => ({ kind: "pool" as const, name, score: together([slot]) })),
    ...network.operators.map(({ operator, slots }) => ({
      kind: "operator" as const,
      name: operator,
      score: together(slots),
    })),
    { kind: "network", score: meanScore(whole, hypotheses.network.hypotheses, 0, networkPrior) },
  ];
}

function rank(network: Network, scores: readonly number[], rivals: readonly BlockRival[]): RegionScore[] {
  const rival = rivals.reduce((best, entry) => Math.max(best, entry.score), Number.NEGATIVE_INFINITY);
  // A ratio of one says nothing for a region, so evidence counts from one up.
  const excess = scores.map((score) => Math.max(0, Math.expm1(score)));
  const whole = excess.reduce((sum, part) => sum + part, 0);
  return network.regions.map((region, r) => ({
    region,
    score: itemAt(scores, r),
    margin: itemAt(scores, r) - rival,
    probability: whole > 0 ? itemAt(excess, r) / whole : 0,
  }));
}
