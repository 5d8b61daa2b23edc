/** A fall of everything, summed over onsets, ramps and sizes. */
import type { OtherEvidence, Priors } from "./explanation.ts";
import { logSum } from "./log-sum.ts";
import type { Look } from "./look.ts";
import type { ScoreModel } from "./rows.ts";
import { WIDE } from "./sizes.ts";
import type { Sums } from "./sums.ts";
import { untilNegligible } from "./until-negligible.ts";
import { makeWideRatios } from "./wide.ts";

export interface WideSum {
  /** Log of the statistic. */
  readonly score: number;
  /** Size and slot x ramps + ramp of its largest term. */
  readonly drop: number;
  readonly combo: number;
}

/** Sums a fall of everything over the look's wide onsets and ramps. */
export function sumWide(
  model: ScoreModel,
  { a, b, ramps }: Sums,
  look: Look,
  priors: Priors,
  other: OtherEvidence | null,
): WideSum & { readonly combos: readonly number[] } {
  const rows = model.rows.length;
  const cells = new Float64Array(look.wide.length * WIDE.length);
  const ratios = makeWideRatios(model, a, b, priors.row);
  const done = untilNegligible(look.wide, (combo, k) => {
    const slot = Math.floor(combo / ramps);
    const widely = Math.log((priors.slotWeight[slot]! * priors.row.widePrior) / (WIDE.length * ramps));
    const elsewhere = other?.wide(slot);
    const to = k * WIDE.length;
    ratios(combo * rows, cells, to);
    let best = Number.NEGATIVE_INFINITY;
    for (let d = 0; d < WIDE.length; d++) {
      cells[to + d]! += widely + (elsewhere ? elsewhere[d]! : 0);
      if (cells[to + d]! > best) best = cells[to + d]!;
    }
    return best;
  });
  const found = cells.subarray(0, done * WIDE.length);
  let best = 0;
  for (let k = 0; k < found.length; k++) if (found[k]! > found[best]!) best = k;
  return {
    score: logSum(found),
    drop: WIDE[best % WIDE.length]!,
    combo: look.wide[Math.floor(best / WIDE.length)] ?? 0,
    combos: look.wide.slice(0, done),
  };
}
