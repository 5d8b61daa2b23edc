/**
 * The whitening filter of one kind of figure: a Kalman filter in its steady state that knows the averaging window.
 *
 * Model, per step, in any unit (the caller scales):  level' = level + walk;  x' = level' + phi (x - level) + kick;
 * figure = mean of the last `cells` values of x + noise. State: the level, then the last `cells` values of x, newest first.
 * The covariance of such a filter does not depend on the data, so gains are computed once (Anderson and Moore, Optimal
 * Filtering, 1979, chapter 4) and an update costs O(cells). After missing rows the first figure uses the gain and the
 * variance that the covariance would have grown to; from there on the steady gain again, a small loss.
 */
import { DAY_SECONDS } from "../../model/time-units.ts";
import { foresightAfter } from "./missing-rows.ts";
import { type Foresight, type StepModel, settle } from "./steady-state.ts";

export interface NoiseModel {
  /** Time constant of the fast, mean-reverting part. */
  readonly fastSeconds: number;
  /** Standard deviation of one figure's own noise, in units of the fast part's stationary one. */
  readonly noise: number;
  /** Standard deviation of the level's walk over a day, in the same units. */
  readonly walkPerDay: number;
}

/** A gain on [level, x newest .. x oldest] with the innovation's variance, after so many skipped steps. */
export interface Gain {
  readonly missing: number;
  readonly gain: Float64Array;
  readonly variance: number;
}

export interface SteadyFilter {
  readonly cells: number;
  readonly phi: number;
  /** Variance of the fast part in a figure, which is the mean over the window; the fast part's own is 1. */
  readonly windowVariance: number;
  /** First that of no gap; those after gaps are added when the first gap comes, since most rows never have one. */
  readonly gains: Gain[];
  /** What the gains after gaps are made from. */
  readonly step: StepModel;
  readonly settled: Foresight;
}

/** Skipped steps for which a gain is made; between them that of the shorter gap serves. */
const GAPS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 72, 96, 144, 288] as const;

function gainOf({ cross, variance }: Foresight, missing: number): Gain {
  return { missing, gain: cross.map((value) => value / variance), variance };
}

/** Variance of the mean of so many values of a reverting part of variance 1. */
function varianceOfMean(phi: number, cells: number): number {
  let sum = cells;
  for (let lag = 1; lag < cells; lag++) sum += 2 * (cells - lag) * phi ** lag;
  return sum / cells ** 2;
}

/** Solves for the steady state, once per kind of figure. */
export function steadyFilter(model: NoiseModel, cells: number, stepSeconds: number): SteadyFilter {
  const phi = Math.exp(-stepSeconds / model.fastSeconds);
  const step = {
    cells,
    phi,
    walk: (model.walkPerDay ** 2 * stepSeconds) / DAY_SECONDS,
    kick: 1 - phi * phi,
    noise: model.noise ** 2,
  };
  const settled = settle(step);
  const windowVariance = varianceOfMean(phi, cells);
  return { cells, phi, windowVariance, gains: [gainOf(settled, 0)], step, settled };
}

/** One prediction step in place; `s` is [level, x newest .. x oldest] at `offset`. Returns the predicted figure. */
export function predict(filter: SteadyFilter, s: Float64Array, offset: number): number {
  const { cells, phi } = filter;
  const first = offset + 1;
  const level = s[offset]!;
  const next = level + phi * (s[first]! - level);
  let sum = next;
  for (let j = first + cells - 1; j > first; j--) {
    const value = s[j - 1]!;
    s[j] = value;
    sum += value;
  }
  s[first] = next;
  return sum / cells;
}

/** The gain to use after `missing` skipped steps. */
export function gainAfter(filter: SteadyFilter, missing: number): Gain {
  const { gains, step, settled } = filter;
  let found = gains[0]!;
  if (missing === 0) return found;
  if (gains.length === 1) gains.push(...foresightAfter(step, settled, GAPS).map((each, k) => gainOf(each, GAPS[k]!)));
  for (const entry of gains) if (entry.missing <= missing) found = entry;
  return found;
}

/** Adds an innovation to the state in place. */
export function correct(gain: Float64Array, s: Float64Array, offset: number, innovation: number): void {
  for (let j = 0; j < gain.length; j++) s[offset + j]! += gain[j]! * innovation;
}

/** Innovations that a sudden unit fall leaves in the filter, by age in steps. */
export function suddenResponse(filter: SteadyFilter, ages: number): Float64Array {
  return responseTo(filter, ages, (age) => Math.min(1, (age + 1) / filter.cells));
}

/** The same of a figure that itself falls at once, whatever it is the mean of. */
export function straightResponse(filter: SteadyFilter, ages: number): Float64Array {
  return responseTo(filter, ages, () => 1);
}

function responseTo(filter: SteadyFilter, ages: number, fallen: (age: number) => number): Float64Array {
  const s = new Float64Array(filter.cells + 1);
  const { gain } = filter.gains[0]!;
  return Float64Array.from({ length: ages }, (_, age) => {
    const innovation = fallen(age) - predict(filter, s, 0);
    correct(gain, s, 0, innovation);
    return innovation;
  });
}

/**
 * The same for a fall that grows linearly over `rampSeconds`; its onset lies in the middle of the first step on average.
 * The filter is linear: such a fall is many small sudden ones, a step apart.
 */
export function fallResponse(sudden: Float64Array, rampSeconds: number, stepSeconds: number): Float64Array {
  const ramp = Math.max(rampSeconds, 0.5 * stepSeconds);
  const fallen = (age: number): number => Math.max(0, Math.min(1, ((age + 0.5) * stepSeconds) / ramp));
  const parts: number[] = [];
  for (let k = 0; k < sudden.length && (k === 0 || fallen(k - 1) < 1); k++) parts.push(fallen(k) - fallen(k - 1));
  return sudden.map((_, age) => {
    let sum = 0;
    for (let k = Math.min(age, parts.length - 1); k >= 0; k--) sum += parts[k]! * sudden[age - k]!;
    return sum;
  });
}
