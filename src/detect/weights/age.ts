/**
 * Weights age: miners move without notice, so a weight's standard deviation grows with its age. Age is counted in data time, so
 * that a replay gives the same as the live run.
 */
import { DAY_MS } from "../../model/time-units.ts";
import type { DetectorPool, RegionWeight } from "../contract.ts";

/** A mean year. */
const YEAR_MS = 365.25 * DAY_MS;
/** For this long a weight keeps its stated standard deviation, ms: the census behind it is published quarterly, and late. */
const AT_ITS_WORD_MS = YEAR_MS;
/** Age counts in steps of this, ms, so that the score's tables are recomputed four times a year and not at every tick. */
const AGE_STEP_MS = YEAR_MS / 4;
/**
 * Relative standard deviation by which a pool's share of a country drifts in a year: country shares of the Cambridge map moved
 * by about this much from one year to the next, and pools' shares of the network by as much.
 */
const DRIFT_PER_YEAR = 0.25;

/** Whole quarters of a year by which something dated `asOf` is older than a year. */
function stepsBeyondYear(asOf: number, at: number): number {
  return Math.max(0, Math.floor((at - asOf - AT_ITS_WORD_MS) / AGE_STEP_MS) + 1);
}

/** Whether a weight dated `asOf` is older than a year at `at`, both ms. */
export function isOld(asOf: number, at: number): boolean {
  return at - asOf > AT_ITS_WORD_MS;
}

/** A weight's standard deviation at `at`, ms: its own, plus the drift since it was a year old; variances add. */
export function agedSd({ weight, sd, asOf }: RegionWeight, at: number): number {
  if (asOf === undefined || !isOld(asOf, at)) return sd;
  const years = (stepsBeyondYear(asOf, at) * AGE_STEP_MS) / YEAR_MS;
  return Math.min(Math.max(sd, weight), Math.hypot(sd, DRIFT_PER_YEAR * weight * Math.sqrt(years)));
}

/** Pools with the spread that their weights have at `at`, ms. */
export function agedPools(pools: readonly DetectorPool[], at: number): readonly DetectorPool[] {
  return pools.map((pool) => ({ ...pool, regions: pool.regions.map((w) => ({ ...w, sd: agedSd(w, at) })) }));
}

/** Makes a counter of age steps: the weights' spread has changed between two moments if their numbers differ. */
export function ageCounter(pools: readonly DetectorPool[]): (at: number) => number {
  const dates = [...new Set(pools.flatMap(({ regions }) => regions.flatMap(({ asOf }) => asOf ?? [])))];
  return (at) => dates.reduce((sum, asOf) => sum + (isOld(asOf, at) ? stepsBeyondYear(asOf, at) : 0), 0);
}
