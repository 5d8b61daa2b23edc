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
  /** Log statistic of a fall of everything that was looked at closely (`network-fall.ts`); absent where it was not. */
  readonly networkFall?: number;
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

/** When so many onsets and ramps in a row, best first, each added less than this part to a sum, the rest adds nothing. */
const ENOUGH_COMBOS = 3;
const NEGLIGIBLE = Math.log(0.004);

/**
 * Goes through combos best first until they add nothing, and returns how many that were.
 *
 * @param sum adds the k-th and returns its largest log term
 */
export function untilNegligible(combos: readonly number[], sum: (combo: number, k: number) => number): number {
  let running = Number.NEGATIVE_INFINITY;
  let idle = 0;
  for (const [k, combo] of combos.entries()) {
    const fresh = sum(combo, k);
    idle = fresh > running + NEGLIGIBLE ? 0 : idle + 1;
    running = Math.max(running, fresh);
    if (idle >= ENOUGH_COMBOS) return k + 1;
  }
  return combos.length;
}

/** Regions by their place in the model; onsets and ramps ("combos") as slot x ramps + ramp, best first. */
export interface Look {
  readonly regions: readonly number[];
  /** Where regions are scored. */
  readonly regional: readonly number[];
  /** Where a fall of everything is. */
  readonly wide: readonly number[];
}
