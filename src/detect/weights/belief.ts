/**
 * The belief about one region's weights, and how a known fall of that region updates it. A fall of size d makes pool i lose
 * c_i = d w_i. So the pools' falls show the pattern of the weights, and their size as far as d is known. d is unknown, so every
 * size of the grid gets its own update (a Kalman filter's, row by row), and the mixture is approximated by one normal
 * distribution with the same mean and covariance. The full covariance is kept, because after a fall the ratios of the weights
 * are known far better than each weight alone.
 */
import { DAY_MS } from "../../model/time-units.ts";
import type { DetectorPool } from "../contract.ts";
import { logSum } from "../hypotheses/likelihood.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../model/grids.ts";

/** Weights of one region over pools: w ~ N(mean, covariance). */
export interface Belief {
  readonly region: string;
  /** In order of their names. */
  readonly pools: readonly string[];
  readonly mean: Float64Array;
  /** pools x pools, symmetric. */
  readonly covariance: Float64Array;
}

/** What pools lost in one fall, relative to their levels, with variances. Only pools that published a figure. */
export interface MeasuredFall {
  readonly pools: readonly string[];
  readonly fall: readonly number[];
  readonly variance: readonly number[];
}

/** Most pools whose weights are learned jointly, those with the largest weights. More would slow the tick and add little. */
export const MOST_TOGETHER = 24;
/** Probability that a pool has an event of its own during a fall, and its relative size. The pool then teaches nothing. */
const OWN_CHANCE = 0.05;
const OWN_SPREAD = 0.25;
/** Relative standard deviation of a pool's hash rate within hours, whatever the region does. */
const WANDER_SD = 0.01;
/** Relative drift of a learned weight in a year: miners move. */
const LEARNED_DRIFT_PER_YEAR = 0.03;

/** The belief that the configuration states for a region; null where no pool has a weight there. */
export function configuredBelief(pools: readonly DetectorPool[], region: string): Belief | null {
  const known = pools
    .flatMap(({ id, regions }) => regions.filter((w) => w.region === region && w.weight > 0).map((w) => ({ id, ...w })))
    .sort((x, y) => y.weight - x.weight || (x.id < y.id ? -1 : 1))
    .slice(0, MOST_TOGETHER)
    .sort((x, y) => (x.id < y.id ? -1 : 1));
  if (known.length === 0) return null;
  const covariance = new Float64Array(known.length ** 2);
  known.forEach(({ sd }, k) => {
    covariance[k * known.length + k] = sd * sd;
  });
  return { region, pools: known.map(({ id }) => id), mean: Float64Array.from(known, (w) => w.weight), covariance };
}

const logNormal = (error: number, variance: number): number =>
  -0.5 * (Math.log(2 * Math.PI * variance) + (error * error) / variance);

/**
 * The belief after one row: gain K = d S e_i / (d^2 S_ii + R), reduced by the probability that the row has an event of its
 * own.
 */
function afterDrop(belief: Belief, fall: MeasuredFall, drop: number): { belief: Belief; log: number } {
  const n = belief.pools.length;
  const mean = belief.mean.slice();
  const covariance = belief.covariance.slice();
  const place = new Map(belief.pools.map((pool, k) => [pool, k]));
  let log = 0;
  fall.pools.forEach((pool, k) => {
    const i = place.get(pool);
    const noise = fall.variance[k]! + WANDER_SD ** 2;
    const predicted = i === undefined ? 0 : drop * mean[i]!;
    const variance = (i === undefined ? 0 : drop * drop * covariance[i * n + i]!) + noise;
    const error = fall.fall[k]! - predicted;
    const its = Math.log(1 - OWN_CHANCE) + logNormal(error, variance);
    const row = logSum([its, Math.log(OWN_CHANCE) + logNormal(fall.fall[k]!, OWN_SPREAD ** 2 + noise)]);
    log += row;
    if (i === undefined) return;
    const trust = Math.exp(its - row);
    if (trust < 1e-6) return;
    const total = drop * drop * covariance[i * n + i]! + noise / trust;
    const column = Float64Array.from({ length: n }, (_, j) => covariance[j * n + i]!);
    for (let j = 0; j < n; j++) mean[j]! += (drop * column[j]! * error) / total;
    for (let j = 0; j < n; j++) {
      for (let m = 0; m < n; m++) covariance[j * n + m]! -= (drop * drop * column[j]! * column[m]!) / total;
    }
  });
  return { belief: { ...belief, mean, covariance }, log };
}

/** A mixture of beliefs as one normal distribution with the same mean and covariance. `parts` sum to 1. */
export function mixed(beliefs: readonly Belief[], parts: readonly number[]): Belief {
  const [first] = beliefs;
  if (first === undefined) throw new RangeError("no beliefs to mix");
  const n = first.pools.length;
  const mean = new Float64Array(n);
  beliefs.forEach((belief, k) => {
    for (let i = 0; i < n; i++) mean[i]! += parts[k]! * belief.mean[i]!;
  });
  const covariance = new Float64Array(n * n);
  beliefs.forEach((belief, k) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const apart = (belief.mean[i]! - mean[i]!) * (belief.mean[j]! - mean[j]!);
        covariance[i * n + j]! += parts[k]! * (belief.covariance[i * n + j]! + apart);
      }
    }
  });
  return { ...first, mean, covariance };
}

/** The belief after a fall of the region, and the log evidence of the fall under the belief before. */
export function taught(belief: Belief, fall: MeasuredFall): { belief: Belief; log: number } {
  const found = DROPS.map((drop, k) => {
    const one = afterDrop(belief, fall, drop);
    return { belief: one.belief, log: one.log + Math.log(DROP_PRIOR[k]! / DROP_TOTAL) };
  });
  const log = logSum(found.map((one) => one.log));
  const after = mixed(
    found.map((one) => one.belief),
    found.map((one) => Math.exp(one.log - log)),
  );
  return { belief: { ...after, mean: after.mean.map((weight) => Math.min(1, Math.max(0, weight))) }, log };
}

/** The belief after some time without a label: the same mean, a larger covariance. */
export function drifted(belief: Belief, ms: number): Belief {
  const years = Math.max(0, ms) / (365.25 * DAY_MS);
  const covariance = belief.covariance.slice();
  const n = belief.pools.length;
  for (let i = 0; i < n; i++) covariance[i * n + i]! += years * (LEARNED_DRIFT_PER_YEAR * belief.mean[i]!) ** 2;
  return { ...belief, covariance };
}
