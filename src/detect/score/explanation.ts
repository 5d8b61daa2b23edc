/** What enters the sums of every explanation, and what comes out of them for a region. */
import type { RowPrior } from "./likelihood.ts";

/** Evidence of another kind for the same hypotheses, independent of the rows given what happened: log ratios to be added. */
export interface OtherEvidence {
  /** Per region of the model x DROPS, drops fastest. */
  regions(slot: number): Float64Array;
  /** Per size of WIDE. */
  wide(slot: number): Float64Array;
}

/** What is presumed before anything was seen. */
export interface Priors {
  /** Of each region, sums to 1. */
  readonly region: Float64Array;
  readonly ramp: readonly number[];
  /** Steps that each slot stands for. */
  readonly slotWeight: Float64Array;
  readonly row: RowPrior & { readonly widePrior: number };
}

export interface RegionPosterior {
  readonly index: number;
  /** Log of the statistic. */
  readonly score: number;
  /** Mass per drop of the grid, sums to 1. */
  readonly drops: Float64Array;
  /** Mass per slot x ramp, sums to 1. */
  readonly combos: Map<number, number>;
}
