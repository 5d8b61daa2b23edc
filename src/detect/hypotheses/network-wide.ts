/** A network-wide fall: a step of price or difficulty, a holiday, or a fault of this installation's own view. */

import { WIDE, WIDE_LOOSE, WIDE_LOOSE_SDS, WIDE_SD } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { cellOffset, onsetOfCell } from "../statistics/onset-grid.ts";
import { type EvaluationInput, type Explanation, type Hypothesis, untilNegligible } from "./hypothesis.ts";
import { emptyNulls, logProduct, logSum, type RowPrior, setAlike } from "./likelihood.ts";

const NETWORK_WIDE = "network-wide";

/** Sums a fall of everything over the shortlist's cells for it, and stops at those that add nothing. */
function evaluate({ model, statistics, shortlist, priors, other }: EvaluationInput): Explanation[] {
  const { a, b, ramps, outages } = statistics;
  const terms = new Float64Array(shortlist.networkWide.length * WIDE.length);
  const ratios = makeWideRatios(model, a, b, priors.row);
  const done = untilNegligible(shortlist.networkWide, (cell, k) => {
    const onset = onsetOfCell(cell, ramps);
    const prior = Math.log((priors.onsetSteps[onset]! * priors.row.widePrior) / (WIDE.length * ramps));
    const elsewhere = other?.wide(onset);
    const to = k * WIDE.length;
    ratios(cellOffset(cell, model.rows.length), terms, to, outages?.logAt(cell));
    let best = Number.NEGATIVE_INFINITY;
    for (let d = 0; d < WIDE.length; d++) {
      terms[to + d]! += prior + (elsewhere ? elsewhere[d]! : 0);
      if (terms[to + d]! > best) best = terms[to + d]!;
    }
    return best;
  });
  const found = terms.subarray(0, done * WIDE.length);
  let best = 0;
  for (let k = 0; k < found.length; k++) if (found[k]! > found[best]!) best = k;
  return [
    {
      subject: NETWORK_WIDE,
      score: logSum(found),
      size: WIDE[best % WIDE.length]!,
      cell: shortlist.networkWide[Math.floor(best / WIDE.length)] ?? 0,
      summedOver: shortlist.networkWide.slice(0, done),
    },
  ];
}

export const networkWideFall: Hypothesis = {
  name: NETWORK_WIDE,
  asked: "every-step",
  sizes: WIDE,
  prior: ({ row }) => row.widePrior,
  evaluate,
  predict: (model, _subject, size) => new Float64Array(model.rows.length).fill(size),
};

/** The fall that all rows share at one cell, each row clipped: a quick estimate of a network-wide fall. */
export interface CommonFall {
  /** Relative to the rows' references. */
  readonly size: number;
  /** The same in standard deviations. */
  readonly t: number;
}

/** About this many rows are enough for a quick estimate, because a network-wide fall is in all of them. */
export const ROWS_ENOUGH = 64;

/** @param bound number of standard deviations at which a row is clipped */
export function commonFall(
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  bound: number,
): CommonFall {
  let signal = 0;
  let power = 0;
  for (let i = 0; i < counted.length; i++) {
    const information = counted[i] ? b[offset + i]! : 0;
    if (!(information > 0)) continue;
    const most = bound * Math.sqrt(information);
    signal += Math.max(-most, Math.min(most, a[offset + i]!));
    power += information;
  }
  return power > 0 ? { size: signal / power, t: signal / Math.sqrt(power) } : { size: 0, t: 0 };
}

/**
 * Size of a network-wide fall that most rows agree on, relative to the rows' references: the median of each row's fall, weighted
 * with the inverse of its standard error (least absolute deviations). Large falls are not clipped, and outages of a few rows move
 * it little. 0 where no row has evidence.
 */
export function agreedSize(a: Float64Array, b: Float64Array, offset: number, counted: Uint8Array): number {
  const rows: number[] = [];
  let whole = 0;
  for (let i = 0; i < counted.length; i++) {
    if (counted[i] === 0 || !(b[offset + i]! > 0)) continue;
    rows.push(i);
    whole += Math.sqrt(b[offset + i]!);
  }
  const sizeOf = (i: number): number => a[offset + i]! / b[offset + i]!;
  rows.sort((x, y) => sizeOf(x) - sizeOf(y));
  let sum = 0;
  for (const i of rows) {
    sum += Math.sqrt(b[offset + i]!);
    if (sum >= whole / 2) return sizeOf(i);
  }
  return 0;
}

/** Sizes that differ from the common fall by more than this factor are left out. */
const SIZE_REACH = 3;

/**
 * Writes the log ratio of each size of WIDE from `to` on, for the sums at `offset`; -Infinity where a size is left out.
 * `outages`: logs of the rows' own outages near the onset.
 */
export type WideRatios = (offset: number, into: Float64Array, to: number, outages?: Float64Array) => void;

export function makeWideRatios(model: ScoreModel, a: Float64Array, b: Float64Array, prior: RowPrior): WideRatios {
  const { counted } = model;
  const alike = Math.log(1 - WIDE_LOOSE);
  const unlike = Math.log(WIDE_LOOSE);
  const nulls = emptyNulls(counted.length);
  const everyone = Int32Array.from(counted.keys());
  return (offset, into, to, outages) => {
    const seen = agreedSize(a, b, offset, counted);
    for (let i = 0; i < counted.length; i++)
      if (counted[i]) setAlike(a[offset + i]!, b[offset + i]!, prior, nulls, i, outages?.[i]);
    for (let k = 0; k < WIDE.length; k++) {
      const size = WIDE[k]!;
      if (!(size > seen / SIZE_REACH && size < seen * SIZE_REACH)) {
        into[to + k] = Number.NEGATIVE_INFINITY;
        continue;
      }
      const x = alike + logProduct(everyone, size, WIDE_SD, a, b, offset, counted, prior, nulls, 0);
      const y = unlike + logProduct(everyone, size, WIDE_LOOSE_SDS[k]!, a, b, offset, counted, prior, nulls, 0);
      into[to + k] = Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
    }
  };
}
