/**
 * "This pool alone": a row's own outage as an explanation with an onset of its own. It begins at a stated rate per step, at one of
 * the onsets in memory. The evidence is summed over onsets, ramps and sizes, and is what a region's share in the row must beat,
 * once per row. Every row has its own outage, so the product over the rows also contains two or three pools that failed by
 * themselves, each at its own time.
 */

import { DAY_SECONDS } from "../../model/time-units.ts";
import type { ScaleSpec } from "../filter/bank.ts";
import { cellOf, cellOffset } from "../statistics/onset-grid.ts";
import type { RowOutages, SufficientStatistics } from "../statistics/scale-state.ts";
import { logSum, ownMarginal, type RowPrior } from "./likelihood.ts";

/** A cell whose evidence peaks below this, nats, counts as no evidence, which saves its exponentials. */
const NO_PEAK = 1;

/** Chance that a row's own outage begins in a given step. */
export function outageChance(spec: Pick<ScaleSpec, "outagesPerDay" | "stepSeconds">): number {
  return (spec.outagesPerDay * spec.stepSeconds) / DAY_SECONDS;
}

/** Number of steps whose outages look alike. The quick fit and expectations use it in place of the sum over onsets. */
const ALIKE_STEPS = 3;

/** Prior of a row where the sum over onsets of outages is not computed. */
export function quickPrior(spec: ScaleSpec): RowPrior {
  return { own: ALIKE_STEPS * outageChance(spec), wander: spec.wander };
}

/** Log of a row's own outages near an onset, expected from the sums of one cell alone. */
export function logOutageAlone(a: number, b: number, spec: ScaleSpec): number {
  const peak = b > 0 ? (a * a) / (2 * b) : 0;
  return Math.log(ALIKE_STEPS * outageChance(spec)) + peak + Math.log(ownMarginal(a, b, peak));
}

/**
 * The rows' own outages, computed at the first use.
 *
 * @param onsetSteps number of steps that each onset represents
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
