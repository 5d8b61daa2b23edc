/** Takes the fitted effect of open alerts out of the sums, in the space of innovations, so that other regions stay watched. */
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import type { Sums } from "./posterior.ts";
import type { ScaleState } from "./scale-state.ts";

/** A fall that is known of: per row, relative to the scale's reference. */
export interface KnownFall {
  readonly onset: number;
  readonly ramp: number;
  readonly fall: ArrayLike<number>;
}

export function sumsOf(state: ScaleState, spec: ScaleSpec): Sums {
  return { a: state.sumA, b: state.sumB, slots: state.slots, ramps: spec.rampSeconds.length };
}

/**
 * The sums as they would be without the known falls: A' = A - sum over steps of g g_fall c / v. Filters are linear, so
 * this is exact for rows without gaps. Falls older than the scale's memory have left the innovations and cost nothing.
 */
export function sumsWithout(
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  falls: readonly KnownFall[],
): Sums {
  const sums = sumsOf(state, spec);
  const stepMs = spec.stepSeconds * 1000;
  const ages = spec.maxAge + 1;
  const young = falls.filter((fall) => (state.at - fall.onset) / stepMs <= spec.maxAge);
  if (young.length === 0) return sums;
  const a = state.sumA.slice(0, state.slots * sums.ramps * state.rows);
  const removed = new Float64Array(ages);
  for (let row = 0; row < state.rows; row++) {
    const { response } = banks[row]![state.chosen[row]!]!;
    let any = false;
    removed.fill(0);
    for (const fall of young) {
      const size = fall.fall[row] ?? 0;
      if (size === 0) continue;
      const oldest = Math.round((state.at - fall.onset) / stepMs);
      for (let back = 0; back <= oldest; back++) {
        const at = ((state.ringHead - back + ages) % ages) * state.rows + row;
        if (Number.isNaN(state.ringInnovation[at]!)) continue;
        removed[back]! += (size * response[fall.ramp * ages + oldest - back]!) / state.ringVariance[at]!;
        any = true;
      }
    }
    if (!any) continue;
    for (let s = 0; s < state.slots; s++) {
      const age = Math.round((state.at - state.slotAt[s]!) / stepMs);
      for (let ramp = 0; ramp < sums.ramps; ramp++) {
        let sum = 0;
        for (let back = 0; back <= age; back++) sum += response[ramp * ages + age - back]! * removed[back]!;
        a[(s * sums.ramps + ramp) * state.rows + row]! -= sum;
      }
    }
  }
  return { ...sums, a };
}
