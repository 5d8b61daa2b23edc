/**
 * A quick likelihood, to tell which onsets and ramps are worth the full sum: a fall of just the size that the rows show,
 * with logs where the full one has sums of exponentials. What a row says is measured as there: the region's fall or trouble
 * of its own, whichever fits better, against nothing or trouble of its own.
 */

import { itemAt, lastOf } from "../model/elements.ts";
import { DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { MOST_ROW_NATS, type RowPrior } from "./likelihood.ts";

/** Sums per onset, ramp and row, or of one such. */
export interface FitSums {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** A fall's shape: its rows (all when null), their weights (1 when null) and the weights' errors. */
interface Pattern {
  readonly rows: Int32Array | null;
  readonly weight: Float64Array | null;
  readonly sd: Float64Array | null;
}

/** Bounds in standard deviations at which the size of a fall is read off the rows: most outliers out, up to all in. */
const CLIPS = [2.5, 5, Number.POSITIVE_INFINITY] as const;
/** How far pools differ in a fall of everything, between the two that the score knows. */
const ALIKE_SD = 0.1;

const EVERYTHING: Pattern = { rows: null, weight: null, sd: null };

/** Fall of a pattern by each row's bounded say: its size, and in standard deviations. */
function sizeOf(
  sums: FitSums,
  counted: Uint8Array,
  offset: number,
  { rows, weight }: Pattern,
  clip: number,
): { size: number; t: number } {
  let signal = 0;
  let power = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const a = sums.a[offset + i]!;
    const w = weight ? weight[k]! : 1;
    signal += w * (a * a <= clip * clip * b ? a : Math.sign(a) * clip * Math.sqrt(b));
    power += w * w * b;
  }
  return power > 0 ? { size: signal / power, t: signal / Math.sqrt(power) } : { size: 0, t: Number.NEGATIVE_INFINITY };
}

/** Log-likelihood ratio of a fall of that pattern and size. */
function fitOf(
  sums: FitSums,
  counted: Uint8Array,
  offset: number,
  { rows, weight, sd }: Pattern,
  size: number,
  prior: RowPrior,
): number {
  const { own, wander } = prior;
  const logOwn = Math.log(own / 2);
  let log = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const a = sums.a[offset + i]!;
    const m = (weight ? weight[k]! : 1) * size;
    const v = ((sd ? sd[k]! : ALIKE_SD) * size) ** 2 + wander;
    const part = 1 / (1 + v * b);
    const fell = 0.5 * Math.log(part) + (m * a + 0.5 * v * a * a - 0.5 * m * m * b) * part;
    const stood = (0.5 * wander * a * a) / (1 + wander * b);
    // Trouble as large as what the row shows: the largest that the score's spreads can make of it, near enough.
    const square = (a * a) / b;
    const trouble = logOwn - 0.5 * Math.log1p(square) + (0.5 * square * square) / (1 + square);
    log += Math.min(MOST_ROW_NATS, Math.max(fell, trouble) - Math.max(stood, trouble));
  }
  return log;
}

/** How well the region of `look` that shows best fits at one onset and ramp, nats. */
export function regionalFit(
  model: ScoreModel,
  sums: FitSums,
  look: readonly number[],
  offset: number,
  prior: RowPrior,
): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const clip of CLIPS) {
    let lead: Pattern | null = null;
    let found = { size: 0, t: Number.NEGATIVE_INFINITY };
    for (const r of look) {
      const one = sizeOf(sums, model.counted, offset, itemAt(model.regions, r), clip);
      if (one.t > found.t) {
        lead = itemAt(model.regions, r);
        found = one;
      }
    }
    if (!lead) continue;
    const size = Math.min(lastOf(DROPS), Math.max(0, found.size));
    best = Math.max(best, fitOf(sums, model.counted, offset, lead, size, prior));
  }
  return best;
}

/** How well a fall of everything fits at one onset and ramp, nats. */
export function wideFit(model: ScoreModel, sums: FitSums, offset: number, prior: RowPrior): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const clip of CLIPS) {
    const { size } = sizeOf(sums, model.counted, offset, EVERYTHING, clip);
    best = Math.max(best, fitOf(sums, model.counted, offset, EVERYTHING, Math.max(0, size), prior));
  }
  return best;
}
