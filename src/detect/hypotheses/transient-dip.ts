/**
 * A transient dip: all pools fell, and have begun to return. Pools with short windows are back already and those with long ones are
 * not, which looks like a fall of the latter's regions. The network-wide hypothesis does not return, so an opening must beat this
 * one too. Its template is the response to a fall at one onset minus that at a later one.
 */
import { float32At, floatAt, intAt, itemAt } from "../model/elements.ts";
import { WIDE } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { agesOf, cellOf, cellOffset, responseOffset, ringOffset, stepsBetween } from "../statistics/onset-grid.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
import type { EvaluationInput, Explanation, Hypothesis, RowHistory } from "./hypothesis.ts";
import { logSum } from "./likelihood.ts";
import { commonFall, makeWideRatios, ROWS_ENOUGH } from "./network-wide.ts";
import { wideFit } from "./quick-fit.ts";

const TRANSIENT_DIP = "transient-dip";

/** Most onsets that are tried for the fall and for the return. */
const MOST_ONSETS = 12;
/** Number of pairs that are compared, and of the best ones that are scored in full. */
const LOOKED_AT = 60;
const MOST_PAIRS = 10;
/** Most rows times pairs, so that hundreds of rows compare fewer pairs. */
const ROWS_LOOKED_AT = 8000;
const ROWS_MOST = 2500;
/** Each row is clipped at this many standard deviations when the common fall is estimated. */
const DIP_ROW_BOUND = 5;

/** 1 / variance of every innovation, per row, newest first; 0 where it is missing. */
function precisions(state: ScaleState, ages: number): Float64Array {
  const found = new Float64Array(state.rows * ages);
  for (let back = 0; back < ages; back++) {
    const from = ringOffset(state, ages, back);
    for (let i = 0; i < state.rows; i++) {
      if (!Number.isNaN(float32At(state.ringInnovation, from + i)))
        found[i * ages + back] = 1 / float32At(state.ringVariance, from + i);
    }
  }
  return found;
}

/** Onsets spread over those in memory, including the newest and the oldest. */
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

/** The rows' statistics of a fall together with its return. */
interface Pair extends Place {
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** The common fall of all rows, in standard deviations. */
  readonly t: number;
  /** How well a dip of all pools fits, nats. */
  readonly fit: number;
}

/**
 * The most promising pairs, from the statistics of both onsets. Their covariance would need a pass over the past; half of its
 * largest possible value is near enough for a first selection.
 */
function promising(model: ScoreModel, statistics: SufficientStatistics, onsets: readonly number[]): Place[] {
  const rows = model.rows.length;
  const every = Math.max(1, Math.floor(rows / ROWS_ENOUGH));
  const found: (Place & { readonly t: number })[] = [];
  for (let ramp = 0; ramp < statistics.ramps; ramp++) {
    for (const [k, down] of onsets.entries()) {
      for (const up of onsets.slice(k + 1)) {
        const first = cellOffset(cellOf(down, ramp, statistics.ramps), rows);
        const second = cellOffset(cellOf(up, ramp, statistics.ramps), rows);
        let signal = 0;
        let power = 0;
        for (let i = 0; i < rows; i += every) {
          const before = statistics.b[first + i]!;
          const after = statistics.b[second + i]!;
          if (!model.counted[i] || !(before > 0)) continue;
          const b = before + after - Math.sqrt(before * after);
          const bound = DIP_ROW_BOUND * Math.sqrt(b);
          signal += Math.max(-bound, Math.min(bound, statistics.a[first + i]! - statistics.a[second + i]!));
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
  { model, statistics, priors }: EvaluationInput,
  { state, spec, banks }: RowHistory,
): (place: Place) => Pair {
  const rows = model.rows.length;
  const ages = agesOf(spec);
  const ageOf = (onset: number): number => stepsBetween(floatAt(state.slotAt, onset), state.at, spec.stepSeconds);
  const precision = precisions(state, ages);
  return ({ down, up, ramp }) => {
    const ageUp = ageOf(up);
    const fell = responseOffset(ramp, ageOf(down), ages);
    const rose = responseOffset(ramp, ageUp, ages);
    const first = cellOffset(cellOf(down, ramp, statistics.ramps), rows);
    const second = cellOffset(cellOf(up, ramp, statistics.ramps), rows);
    const a = new Float64Array(rows);
    const b = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      const { response } = itemAt(itemAt(banks, i), intAt(state.chosen, i));
      let shared = 0;
      for (let back = 0; back <= ageUp; back++) {
        shared += response[fell - back]! * response[rose - back]! * precision[i * ages + back]!;
      }
      a[i] = floatAt(statistics.a, first + i) - floatAt(statistics.a, second + i);
      b[i] = Math.max(0, floatAt(statistics.b, first + i) + floatAt(statistics.b, second + i) - 2 * shared);
    }
    const { t } = commonFall(a, b, 0, model.counted, DIP_ROW_BOUND);
    return {
      down,
      up,
      ramp,
      a,
      b,
      t,
      fit: Math.log(floatAt(priors.onsetSteps, down)) + wideFit(model, { a, b }, 0, priors.row),
    };
  };
}

/** Log evidence of "everything dipped and is coming back", over all onsets that are kept; none without the rows' past. */
function evaluate(input: EvaluationInput): Explanation[] {
  const { model, statistics, priors, history } = input;
  if (!history) return [];
  const { row: prior, onsetSteps } = priors;
  const onsets = spread(statistics.slots);
  const pairs = promising(model, statistics, onsets).map(pairMaker(input, history));
  const most = Math.min(MOST_PAIRS, Math.ceil(ROWS_MOST / model.rows.length));
  // Sorting is stable: equals stay in the order of `promising`.
  const byFit = [...pairs].sort((x, y) => y.fit - x.fit).slice(0, most);
  const byT = [...pairs].sort((x, y) => y.t - x.t).slice(0, most);
  const sizes = new Float64Array(WIDE.length);
  const terms: number[] = [];
  let best = { score: Number.NEGATIVE_INFINITY, size: 0, cell: 0 };
  for (const pair of new Set([...byFit, ...byT])) {
    const logPrior =
      Math.log(floatAt(onsetSteps, pair.down)) +
      Math.log(prior.widePrior / (WIDE.length * statistics.ramps)) -
      Math.log(onsets.length);
    const own = statistics.outages?.logAt(cellOf(pair.down, pair.ramp, statistics.ramps));
    makeWideRatios(model, pair.a, pair.b, prior)(0, sizes, 0, own);
    for (const [d, log] of sizes.entries()) {
      const score = logPrior + log;
      terms.push(score);
      if (score > best.score)
        best = { score, size: itemAt(WIDE, d), cell: cellOf(pair.down, pair.ramp, statistics.ramps) };
    }
  }
  return [{ ...best, subject: TRANSIENT_DIP, score: logSum(terms) }];
}

export const transientDip: Hypothesis = {
  name: TRANSIENT_DIP,
  asked: "before-opening",
  sizes: WIDE,
  prior: ({ row }) => row.widePrior,
  evaluate,
  // At its deepest, before the return.
  predict: (model, _subject, size) => new Float64Array(model.rows.length).fill(size),
};
