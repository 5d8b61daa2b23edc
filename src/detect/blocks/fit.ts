/** How much a region lost, since when, and what every pool says of it: posteriors on grids, from blocks alone. */

import { HOUR_MS } from "../../model/time-units.ts";
import { addTo, floatAt, itemAt, lastOf, numberAt } from "../model/elements.ts";
import { Z_90 } from "../model/normal.ts";
import type { BlockFit, PoolCount } from "./contract.ts";
import { newestTime } from "./intake.ts";
import { type Fall, type Memory, remaining } from "./memory.ts";
import type { Network } from "./network.ts";
import { type Ratios, ratiosOf, regionTemplates, slotRatio, spanRatios, type Templates } from "./scores.ts";
import { rates, type Tally, tally } from "./tally.ts";

/** Hashes that a block of difficulty 1 takes: Bitcoin's definition of difficulty. */
const HASHES_PER_DIFFICULTY = 2 ** 32;
/** Drops of the fit: 0.02, 0.04, ... 1, alike in weight. */
const FIT_DROPS: readonly number[] = Array.from({ length: 50 }, (_, i) => (i + 1) / 50);
/** Onsets of the fit: every 3 hours, youngest first. */
const ONSET_STEP_MS = 3 * HOUR_MS;

interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Fits one region with the falls that are given taken out. `onset` fixes the onset. */
export function fitRegion(
  network: Network,
  memory: Memory,
  region: string,
  falls: readonly Fall[],
  onset?: number,
): BlockFit {
  const starts = onset === undefined ? onsetGrid(network, memory) : [onset];
  const only: Network = { ...network, regions: [region] };
  // The lost share is what counts determine with the weights as they stand; doubt about them is the drop's alone.
  const exact = regionTemplates(only, FIT_DROPS, 0);
  const counts = tally(network, memory, falls, starts);
  const ratios = ratiosOf(counts, network.settings.outlierPart);
  const posterior = jointPosterior(ratios, exact);
  const drop = quantiles(
    FIT_DROPS,
    marginal(posterior, FIT_DROPS.length, (cell) => cell % FIT_DROPS.length),
  );
  const span = marginal(posterior, starts.length, (cell) => Math.floor(cell / FIT_DROPS.length));
  const begun =
    starts.length === 1
      ? { estimate: itemAt(starts, 0), low: itemAt(starts, 0), high: itemAt(starts, 0) }
      : spanInterval(starts, span);
  const likeliest = span.indexOf(Math.max(...span));
  const shares = regionShare(network, memory, falls, region);
  const scaled = (by: number): Interval => ({ estimate: drop.estimate * by, low: drop.low * by, high: drop.high * by });
  return {
    region,
    drop: widened(drop, shares.doubt),
    lostShare: scaled(shares.share),
    lostHashrate: scaled(shares.hashrate),
    onset: begun,
    evidence: evidenceOf(network, counts, ratios, exact, {
      span: likeliest,
      hypothesis: FIT_DROPS.indexOf(nearest(drop.estimate)),
    }),
  };
}

/** Onsets from three hours ago to the longest scored window. */
function onsetGrid(network: Network, memory: Memory): number[] {
  const newest = newestTime(memory);
  const longest = Math.max(...network.settings.windowsMs);
  return Array.from({ length: Math.floor(longest / ONSET_STEP_MS) }, (_, i) => newest - (i + 1) * ONSET_STEP_MS);
}

function jointPosterior(ratios: Ratios, templates: Templates): Float64Array {
  const logs = spanRatios(ratios, templates);
  const top = logs.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const mass = logs.map((value) => Math.exp(value - top));
  const whole = mass.reduce((sum, part) => sum + part, 0);
  return mass.map((part) => part / whole);
}

function marginal(posterior: Float64Array, length: number, keyOf: (cell: number) => number): Float64Array {
  const mass = new Float64Array(length);
  for (let cell = 0; cell < posterior.length; cell++) addTo(mass, keyOf(cell), floatAt(posterior, cell));
  return mass;
}

/** Median and 5 % to 95 % of a distribution on an ascending grid, linear within its cells. */
function quantiles(grid: readonly number[], mass: ArrayLike<number>): Interval {
  const at = (part: number): number => {
    let sum = 0;
    for (let i = 0; i < grid.length; i++) {
      const here = numberAt(mass, i);
      if (sum + here >= part) {
        const step = itemAt(grid, i) - (grid[i - 1] ?? 0);
        return itemAt(grid, i) + step * (here > 0 ? (part - sum) / here - 0.5 : 0);
      }
      sum += here;
    }
    return lastOf(grid);
  };
  return { estimate: at(0.5), low: at(0.05), high: at(0.95) };
}

function spanInterval(starts: readonly number[], mass: Float64Array): Interval {
  const ascending = [...starts].reverse();
  const { estimate, low, high } = quantiles(
    ascending.map((start) => start - itemAt(ascending, 0) + ONSET_STEP_MS),
    [...mass].reverse(),
  );
  const origin = itemAt(ascending, 0) - ONSET_STEP_MS / 2;
  return { estimate: origin + estimate, low: origin + low, high: origin + high };
}

/** The region's part of the network's expected hash rate, that part in H/s, and the relative doubt about it. */
function regionShare(
  network: Network,
  memory: Memory,
  falls: readonly Fall[],
  region: string,
): { share: number; hashrate: number; doubt: number } {
  const now = newestTime(memory);
  let whole = 0;
  let part = 0;
  let doubt = 0;
  rates(network, memory).forEach(({ mean }, slot) => {
    const rate = mean * remaining(network, falls, slot, now);
    whole += rate;
    part += rate * network.share(slot, region);
    // Errors of one region's weights are taken as common to all pools: a census is off for a country, not for a pool.
    doubt += rate * network.doubt(slot, region);
  });
  return { share: part / whole, hashrate: part * HASHES_PER_DIFFICULTY, doubt: part > 0 ? doubt / part : 0 };
}

/** Widens a drop's interval by the relative doubt about the region's share, in logs; 1 is the most that can be lost. */
function widened(drop: Interval, doubt: number): Interval {
  const spread = (bound: number): number => Math.hypot(Math.log(bound / drop.estimate), Z_90 * doubt);
  return {
    estimate: drop.estimate,
    low: drop.estimate * Math.exp(-spread(Math.max(drop.low, 1e-3))),
    high: Math.min(1, drop.estimate * Math.exp(spread(drop.high))),
  };
}

function nearest(drop: number): number {
  return FIT_DROPS.reduce((best, value) => (Math.abs(value - drop) < Math.abs(best - drop) ? value : best));
}

/** The hypothesis whose evidence is shown: the span and the drop that fit best. */
interface Likeliest {
  readonly span: number;
  readonly hypothesis: number;
}

function evidenceOf(
  network: Network,
  counts: Tally,
  ratios: Ratios,
  templates: Templates,
  { span, hypothesis }: Likeliest,
): BlockFit["evidence"] {
  return countsOf(network, counts, span)
    .map((count, slot) => ({ ...count, score: slotRatio(ratios, templates, span, slot, hypothesis) }))
    .sort((a, b) => b.score - a.score);
}

/** The rows of one span, in the model's order of pools. */
export function countsOf(network: Network, counts: Tally, span: number): PoolCount[] {
  return network.pools.map((pool, slot) => ({
    pool,
    observed: floatAt(counts.observed, span * counts.slots + slot),
    expected: floatAt(counts.expected, span * counts.slots + slot),
    overdispersion: 1 / floatAt(counts.shapes, slot),
  }));
}
