/**
 * Where the filter's uncertainty settles. The covariance before a figure grows from nothing to its steady value; what a
 * step adds to it has rank two (the walk of the level, the kick of the fast part), so the two columns of it are followed
 * instead of the whole covariance: Chandrasekhar's recursions (Anderson and Moore, Optimal Filtering, 1979, chapter 6.7).
 * O(cells) a step where the covariance itself takes O(cells^2).
 */
import { addTo, floatAt } from "../model/elements.ts";
/** The model of one step: see `steady.ts`. Variances in squares of the fast part's stationary standard deviation. */
export interface StepModel {
  readonly cells: number;
  /** What is left of the fast part after a step. */
  readonly phi: number;
  /** Variance that the level's walk adds in a step, and the fast part's own kick. */
  readonly walk: number;
  readonly kick: number;
  /** Variance of a figure's own noise. */
  readonly noise: number;
}

/** Covariance of every state with the figure to come, before it came, and that figure's variance. */
export interface Foresight {
  readonly cross: Float64Array;
  readonly variance: number;
}

/** What a step adds to the variance dies away, but with echoes a window apart: this small a part, a window long, is nothing. */
const SETTLED = 1e-12;
/** More steps than this take only intervals of seconds: by then the level's uncertainty is settled to a part in a thousand. */
const MOST_SETTLING_STEPS = 20_000;

/** Of one step: what the columns add to the covariance with the figure, and what the figure then takes from the columns. */
interface Step {
  readonly weightA: number;
  readonly weightB: number;
  readonly pullA: number;
  readonly pullB: number;
}

/** Mean over the averaging window: everything but the level, which comes first. */
function windowMean(column: Float64Array): number {
  let sum = 0;
  for (let j = 1; j < column.length; j++) sum += floatAt(column, j);
  return sum / (column.length - 1);
}

/** What a step does to the window's values: each takes over from its newer neighbour. From the oldest on, in place. */
function shift(cross: Float64Array, a: Float64Array, b: Float64Array, step: Step): void {
  const { weightA, weightB, pullA, pullB } = step;
  for (let j = cross.length - 1; j > 1; j--) {
    const newer = floatAt(cross, j - 1);
    addTo(cross, j, weightA * floatAt(a, j) + weightB * floatAt(b, j));
    a[j] = floatAt(a, j - 1) - pullA * newer;
    b[j] = floatAt(b, j - 1) - pullB * newer;
  }
}

/** The steady state of a filter before a figure, after any number of figures without a gap. */
export function settle({ cells, phi, walk, kick, noise }: StepModel): Foresight {
  const n = cells + 1;
  // The columns a and b, and the symmetric [[aa, ab], [ab, bb]] between them: what the newest step added.
  const a = new Float64Array(n);
  const b = new Float64Array(n);
  a[0] = 1;
  a[1] = 1;
  b[1] = 1;
  let aa = walk;
  let ab = 0;
  let bb = kick;
  const cross = new Float64Array(n);
  let variance = noise;
  let quiet = 0;
  for (let k = 0; k < MOST_SETTLING_STEPS && quiet <= cells; k++) {
    const seenA = windowMean(a);
    const seenB = windowMean(b);
    const weightA = aa * seenA + ab * seenB;
    const weightB = ab * seenA + bb * seenB;
    const pullA = seenA / variance;
    const pullB = seenB / variance;
    const a0: number = floatAt(a, 0);
    const b0: number = floatAt(b, 0);
    const c0: number = floatAt(cross, 0);
    const nextA: number = a0 + phi * (floatAt(a, 1) - a0);
    const nextB: number = b0 + phi * (floatAt(b, 1) - b0);
    const nextC = c0 + phi * (floatAt(cross, 1) - c0);
    shift(cross, a, b, { weightA, weightB, pullA, pullB });
    addTo(cross, 1, weightA * floatAt(a, 1) + weightB * floatAt(b, 1));
    addTo(cross, 0, weightA * a0 + weightB * b0);
    a[1] = nextA - pullA * nextC;
    b[1] = nextB - pullB * nextC;
    a[0] = a0 - pullA * c0;
    b[0] = b0 - pullB * c0;
    const added = weightA * seenA + weightB * seenB;
    variance += added;
    aa -= (weightA * weightA) / variance;
    ab -= (weightA * weightB) / variance;
    bb -= (weightB * weightB) / variance;
    quiet = added < SETTLED * variance ? quiet + 1 : 0;
  }
  return { cross, variance };
}
