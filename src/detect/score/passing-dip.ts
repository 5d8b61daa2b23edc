/**
 * A dip of everything that is passing: it fell, and has begun to come back. Pools with short windows are back already and
 * those with long ones are not, which looks like a fall of the regions of the latter. The score's own network hypothesis
 * falls for good, so an opening is held against this one too: the answer to a fall at one onset less that at a later one.
 */
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import { type CommonFall, commonFall } from "./common-fall.ts";
import type { RowPrior } from "./likelihood.ts";
import { logSum } from "./log-sum.ts";
import type { ScoreModel } from "./rows.ts";
import type { ScaleState } from "./scale-state.ts";
import { WIDE } from "./sizes.ts";
import type { Sums } from "./sums.ts";
import { makeWideRatios } from "./wide.ts";

/** Onsets that are tried for the fall and for the return: old ones are sparse anyway. */
const MOST_ONSETS = 12;
/** Pairs that are scored in full. */
const MOST_PAIRS = 12;
/** No row says more than this many standard deviations about what all rows show. */
const BOUND = 5;

interface Pair {
  readonly down: number;
  readonly up: number;
  readonly ramp: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly common: CommonFall;
}

/** 1 / variance of every innovation that is there, per row, newest first; 0 for those that are not. */
function precisions(state: ScaleState, ages: number): Float64Array {
  const found = new Float64Array(state.rows * ages);
  for (let back = 0; back < ages; back++) {
    const from = ((state.ringHead - back + ages) % ages) * state.rows;
    for (let i = 0; i < state.rows; i++) {
      if (!Number.isNaN(state.ringInnovation[from + i]!)) found[i * ages + back] = 1 / state.ringVariance[from + i]!;
    }
  }
  return found;
}

/** Onsets spread over all that are kept, newest and oldest among them. */
function spread(slots: number): number[] {
  const step = Math.max(1, (slots - 1) / (MOST_ONSETS - 1));
  const found = new Set<number>();
  for (let s = 0; s < slots; s += step) found.add(Math.round(s));
  return [...found].filter((s) => s < slots);
}

/** Pairs of onsets, of the fall and of the return, with the rows' sums for both together. */
function pairsOf(
  model: ScoreModel,
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  sums: Sums,
  onsets: readonly number[],
): Pair[] {
  const rows = model.rows.length;
  const ages = spec.maxAge + 1;
  const stepMs = spec.stepSeconds * 1000;
  const ageOf = (slot: number): number => Math.round((state.at - state.slotAt[slot]!) / stepMs);
  const precision = precisions(state, ages);
  const both = (down: number, up: number, ramp: number): Pair => {
    const ageUp = ageOf(up);
    const fell = ramp * ages + ageOf(down);
    const rose = ramp * ages + ageUp;
    const first = (down * sums.ramps + ramp) * rows;
    const second = (up * sums.ramps + ramp) * rows;
    const a = new Float64Array(rows);
    const b = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      const { response } = banks[i]![state.chosen[i]!]!;
      let shared = 0;
      for (let back = 0; back <= ageUp; back++) {
        shared += response[fell - back]! * response[rose - back]! * precision[i * ages + back]!;
      }
      a[i] = sums.a[first + i]! - sums.a[second + i]!;
      b[i] = Math.max(0, sums.b[first + i]! + sums.b[second + i]! - 2 * shared);
    }
    return { down, up, ramp, a, b, common: commonFall(a, b, 0, model.counted, BOUND) };
  };
  return Array.from({ length: sums.ramps }, (_, ramp) =>
    onsets.flatMap((down, k) => onsets.slice(k + 1).map((up) => both(down, up, ramp))),
  ).flat();
}

/**
 * Log statistic of "everything dipped and is coming back", on the scale of the posterior's scores.
 *
 * @param sums with known falls taken out
 * @param slotWeight steps that each onset stands for
 */
export function passingDip(
  model: ScoreModel,
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  sums: Sums,
  slotWeight: Float64Array,
  prior: RowPrior & { readonly widePrior: number },
): number {
  const onsets = spread(sums.slots);
  const pairs = pairsOf(model, state, spec, banks, sums, onsets);
  pairs.sort((x, y) => y.common.t - x.common.t || x.down - y.down || x.up - y.up || x.ramp - y.ramp);
  const sizes = new Float64Array(WIDE.length);
  const scores: number[] = [];
  for (const pair of pairs.slice(0, MOST_PAIRS)) {
    if (!(pair.common.size > 0)) break;
    const widely =
      Math.log(slotWeight[pair.down]!) +
      Math.log(prior.widePrior / (WIDE.length * sums.ramps)) -
      Math.log(onsets.length);
    makeWideRatios(model, pair.a, pair.b, prior)(0, sizes, 0);
    for (const log of sizes) scores.push(widely + log);
  }
  return logSum(scores);
}
