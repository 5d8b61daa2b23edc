/**
 * "This pool alone": a row's own outage as an explanation with an onset of its own. It comes at a stated rate for each step, it
 * may have begun at any onset that is remembered, and it has any ramp and any size. Summed over these it is what
 * a region's share in the row is weighed against, once per row. Since every row has its own, two or three pools that failed by
 * themselves, each at its own time, are weighed too: the product over the rows contains every pair.
 */

import { DAY_SECONDS } from "../../model/time-units.ts";
import type { ScaleSpec } from "../filter/bank.ts";
import { cellOf, cellOffset } from "../statistics/onset-grid.ts";
import type { RowOutages, SufficientStatistics } from "../statistics/scale-state.ts";
import { logSum, ownMarginal, type RowPrior } from "./likelihood.ts";

/** Below this peak, nats, a cell's evidence of an outage is taken for none: it is summed without its exponentials. */
const NO_PEAK = 1;

/** Chance that a row's own outage begins in a given step. */
export function outageChance(spec: Pick<ScaleSpec, "outagesPerDay" | "stepSeconds">): number {
  return (spec.outagesPerDay * spec.stepSeconds) / DAY_SECONDS;
}

/** Steps whose outages look alike: a first look and an expectation take so many of them instead of the sum. */
const ALIKE_STEPS = 3;

/** What is presumed of rows where the sum over onsets of outages is not made. */
export function quickPrior(spec: ScaleSpec): RowPrior {
  return { own: ALIKE_STEPS * outageChance(spec), wander: spec.wander };
}

/** Log of a row's own outages near an onset, expected from the sums of one cell alone. */
export function logOutageAlone(a: number, b: number, spec: ScaleSpec): number {
  const peak = b > 0 ? (a * a) / (2 * b) : 0;
  return Math.log(ALIKE_STEPS * outageChance(spec)) + peak + Math.log(ownMarginal(a, b, peak));
}

/**
 * The rows' own outages, made when they are first asked for.
 *
 * @param onsetSteps steps that each onset stands for
 */
export function rowOutages(
  { a, b, ramps, slots }: SufficientStatistics,
  rows: number,
  spec: Pick<ScaleSpec, "outagesPerDay" | "stepSeconds" | "rampPrior">,
  onsetSteps: Float64Array,
): RowOutages {
  const logChance = Math.log(outageChance(spec));

  /** Log of the sum over ramps and sizes of outages that begin at one onset, per row. */
  function beginningAt(slot: number): Float64Array {
    const steps = onsetSteps[slot]!;
    const made = new Float64Array(rows);
    const terms = new Float64Array(ramps);
    for (let row = 0; row < rows; row++) {
      for (let ramp = 0; ramp < ramps; ramp++) {
        const at = cellOffset(cellOf(slot, ramp, ramps), rows) + row;
        const [signal, information] = [a[at]!, b[at]!];
        const peak = information > 0 ? (signal * signal) / (2 * information) : 0;
        const prior = Math.log(steps * spec.rampPrior[ramp]!);
        if (peak < NO_PEAK) terms[ramp] = prior + Math.log(ownMarginal(0, information, 0));
        else terms[ramp] = prior + peak + Math.log(ownMarginal(signal, information, peak));
      }
      made[row] = logSum(terms);
    }
    return made;
  }

  let all: Float64Array | undefined;
  return {
    logAt: () => {
      if (all) return all;
      const onsets = Array.from({ length: slots }, (_, slot) => beginningAt(slot));
      all = Float64Array.from({ length: rows }, (_, row) => logChance + logSum(onsets.map((each) => each[row]!)));
      return all;
    },
  };
}
