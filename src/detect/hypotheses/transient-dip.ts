/**
 * A dip of everything that is passing: it fell, and has begun to come back. Pools with short windows are back already and
 * those with long ones are not, which looks like a fall of the regions of the latter. The score's own network hypothesis
 * falls for good, so an opening is held against this one too: the answer to a fall at one onset less that at a later one.
 */
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import { WIDE } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { ScaleState, Sums } from "../statistics/scale-state.ts";
import { logSum, type RowPrior } from "./likelihood.ts";
import { commonFall, makeWideRatios } from "./network-wide.ts";
import { wideFit } from "./quick-fit.ts";

/** Onsets that are tried for the fall and for the return: old ones are sparse anyway. */
const MOST_ONSETS = 12;
/** Pairs that are gone through, and that are scored in full: so many of those that fit best, and of the plainest. */
const LOOKED_AT = 60;
const MOST_PAIRS = 10;
/** The first look takes no more than about this many rows: a fall of everything is in all of them. */
const ROWS_ENOUGH = 64;
/** With hundreds of rows fewer pairs: this many rows of pairs at most. */
const ROWS_LOOKED_AT = 8000;
const ROWS_MOST = 2500;
/** No row says more than this many standard deviations about what all rows show. */
const BOUND = 5;

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

/** Onsets and ramp of a fall and of its return. */
interface Place {
  readonly down: number;
  readonly up: number;
  readonly ramp: number;
}

/** The rows' sums of a fall and its return together. */
interface Pair extends Place {
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** What all rows together show, in standard deviations. */
  readonly t: number;
  /** How well a fall of everything fits them, nats. */
  readonly fit: number;
}

/**
 * The pairs that promise most, by what both onsets' sums say together. How much of it they share is not known without going
 * through the past; taking half of what it can be is near enough for a first look.
 */
function promising(model: ScoreModel, sums: Sums, onsets: readonly number[]): Place[] {
  const rows = model.rows.length;
  const every = Math.max(1, Math.floor(rows / ROWS_ENOUGH));
  const found: (Place & { readonly t: number })[] = [];
  for (let ramp = 0; ramp < sums.ramps; ramp++) {
    for (const [k, down] of onsets.entries()) {
      for (const up of onsets.slice(k + 1)) {
        const first = (down * sums.ramps + ramp) * rows;
        const second = (up * sums.ramps + ramp) * rows;
        let signal = 0;
        let power = 0;
        for (let i = 0; i < rows; i += every) {
          const before = sums.b[first + i]!;
          const after = sums.b[second + i]!;
          if (!model.counted[i] || !(before > 0)) continue;
          const b = before + after - Math.sqrt(before * after);
          const bound = BOUND * Math.sqrt(b);
          signal += Math.max(-bound, Math.min(bound, sums.a[first + i]! - sums.a[second + i]!));
          power += b;
        }
        if (power > 0) found.push({ down, up, ramp, t: signal / Math.sqrt(power) });
      }
    }
  }
  found.sort((x, y) => y.t - x.t || x.down - y.down || x.up - y.up || x.ramp - y.ramp);
  return found.slice(0, Math.min(LOOKED_AT, Math.ceil(ROWS_LOOKED_AT / rows)));
}

function pairMaker(
  model: ScoreModel,
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  sums: Sums,
  slotWeight: Float64Array,
  prior: RowPrior,
): (place: Place) => Pair {
  const rows = model.rows.length;
  const ages = spec.maxAge + 1;
  const stepMs = spec.stepSeconds * 1000;
  const ageOf = (slot: number): number => Math.round((state.at - state.slotAt[slot]!) / stepMs);
  const precision = precisions(state, ages);
  return ({ down, up, ramp }) => {
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
    const { t } = commonFall(a, b, 0, model.counted, BOUND);
    return { down, up, ramp, a, b, t, fit: Math.log(slotWeight[down]!) + wideFit(model, { a, b }, 0, prior) };
  };
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
  const pairs = promising(model, sums, onsets).map(pairMaker(model, state, spec, banks, sums, slotWeight, prior));
  const most = Math.min(MOST_PAIRS, Math.ceil(ROWS_MOST / model.rows.length));
  // Sorting is stable: equals stay in the order of `promising`.
  const byFit = [...pairs].sort((x, y) => y.fit - x.fit).slice(0, most);
  const byT = [...pairs].sort((x, y) => y.t - x.t).slice(0, most);
  const sizes = new Float64Array(WIDE.length);
  const scores: number[] = [];
  for (const pair of new Set([...byFit, ...byT])) {
    const widely =
      Math.log(slotWeight[pair.down]!) +
      Math.log(prior.widePrior / (WIDE.length * sums.ramps)) -
      Math.log(onsets.length);
    makeWideRatios(model, pair.a, pair.b, prior)(0, sizes, 0);
    for (const log of sizes) scores.push(widely + log);
  }
  return logSum(scores);
}
