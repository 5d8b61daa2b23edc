/**
 * A quick likelihood that selects the cells worth the full sum. It scores one size, the one that the rows show, and takes the
 * larger of two terms where the full likelihood adds exponentials: each row shows the region's fall or an outage of its own,
 * whichever fits better, against nothing or an outage of its own.
 */

import { floatAt, itemAt, lastOf } from "../model/elements.ts";
import { DROPS } from "../model/grids.ts";
import { REST, type ScoreModel } from "../model/score-model.ts";
import { cellOffset } from "../statistics/onset-grid.ts";
import type { RowPrior } from "./likelihood.ts";

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

/** What rows say at one onset and ramp whatever the pattern: their signal within each of CLIPS, and nothing or own trouble. */
interface HeardRows {
  readonly a: Float64Array;
  /** 0 of rows that do not count or have said nothing. */
  readonly b: Float64Array;
  readonly clipped: readonly Float64Array[];
  readonly trouble: Float64Array;
  /** Nothing, or trouble of its own, whichever fits better. */
  readonly otherwise: Float64Array;
}

/** Clips, in standard deviations, with which the size of a fall is estimated: from most outliers out to all in. */
const CLIPS = [2.5, 5, Number.POSITIVE_INFINITY] as const;
/** Relative difference of pools in a network-wide fall, between the two values that the score uses. */
const ALIKE_SD = 0.1;

const EVERYTHING: Pattern = { rows: null, weight: null, sd: null };

/** Hears all rows at one onset and ramp, so that every pattern and bound reads them without computing them anew. */
function hear(sums: FitSums, counted: Uint8Array, offset: number, { own, wander }: RowPrior): HeardRows {
  const rows = counted.length;
  const [a, b] = [new Float64Array(rows), new Float64Array(rows)];
  const [trouble, otherwise] = [new Float64Array(rows), new Float64Array(rows)];
  const clipped = CLIPS.map(() => new Float64Array(rows));
  const logOwn = Math.log(own / 2);
  for (let i = 0; i < rows; i++) {
    const information = sums.b[offset + i]!;
    if (counted[i] === 0 || !(information > 0)) continue;
    const signal = sums.a[offset + i]!;
    a[i] = signal;
    b[i] = information;
    for (let c = 0; c < CLIPS.length; c++) {
      const clip = CLIPS[c]!;
      const within = signal * signal <= clip * clip * information;
      clipped[c]![i] = within ? signal : Math.sign(signal) * clip * Math.sqrt(information);
    }
    // Trouble as large as what the row shows: the largest that the score's spreads can make of it, near enough.
    const square = (signal * signal) / information;
    trouble[i] = logOwn - 0.5 * Math.log1p(square) + (0.5 * square * square) / (1 + square);
    const stood = (0.5 * wander * signal * signal) / (1 + wander * information);
    otherwise[i] = Math.max(stood, trouble[i]!);
  }
  return { a, b, clipped, trouble, otherwise };
}

/** Information of a pattern's size. */
function powerOf({ b }: HeardRows, { rows, weight }: Pattern): number {
  let power = 0;
  const count = rows ? rows.length : b.length;
  for (let k = 0; k < count; k++) {
    const w = weight ? weight[k]! : 1;
    power += w * w * b[rows ? rows[k]! : k]!;
  }
  return power;
}

/** What the rows say of a pattern, each within the bound at place `clip` of CLIPS; over its power this is its size. */
function signalOf({ clipped }: HeardRows, { rows, weight }: Pattern, clip: number): number {
  const bounded = clipped[clip]!;
  let signal = 0;
  const count = rows ? rows.length : bounded.length;
  for (let k = 0; k < count; k++) signal += (weight ? weight[k]! : 1) * bounded[rows ? rows[k]! : k]!;
  return signal;
}

/** Log-likelihood ratio of a fall of that pattern and size. */
function fitOf(
  { a: signals, b: informations, trouble, otherwise }: HeardRows,
  { rows, weight, sd }: Pattern,
  size: number,
  wander: number,
): number {
  let log = 0;
  const count = rows ? rows.length : signals.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = informations[i]!;
    if (b === 0) continue;
    const a = signals[i]!;
    const m = (weight ? weight[k]! : 1) * size;
    const v = ((sd ? sd[k]! : ALIKE_SD) * size) ** 2 + wander;
    const part = 1 / (1 + v * b);
    const fell = 0.5 * Math.log(part) + (m * a + 0.5 * v * a * a - 0.5 * m * m * b) * part;
    log += Math.max(fell, trouble[i]!) - otherwise[i]!;
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
  const heard = hear(sums, model.counted, offset, prior);
  const powers = look.map((r) => powerOf(heard, itemAt(model.regions, r)));
  let best = Number.NEGATIVE_INFINITY;
  for (let clip = 0; clip < CLIPS.length; clip++) {
    let lead: Pattern | null = null;
    let [size, most] = [0, Number.NEGATIVE_INFINITY];
    for (let n = 0; n < look.length; n++) {
      const power = powers[n]!;
      if (!(power > 0)) continue;
      const region = itemAt(model.regions, look[n]!);
      const signal = signalOf(heard, region, clip);
      const t = signal / Math.sqrt(power);
      if (t > most) [lead, size, most] = [region, signal / power, t];
    }
    if (!lead) continue;
    best = Math.max(best, fitOf(heard, lead, Math.min(lastOf(DROPS), Math.max(0, size)), prior.wander));
  }
  return best;
}

/** How well a network-wide fall fits at one cell, nats. */
export function wideFit(model: ScoreModel, sums: FitSums, offset: number, prior: RowPrior): number {
  const heard = hear(sums, model.counted, offset, prior);
  const power = powerOf(heard, EVERYTHING);
  let best = Number.NEGATIVE_INFINITY;
  for (let clip = 0; clip < CLIPS.length; clip++) {
    const size = power > 0 ? signalOf(heard, EVERYTHING, clip) / power : 0;
    best = Math.max(best, fitOf(heard, EVERYTHING, Math.max(0, size), prior.wander));
  }
  return best;
}

/** Rows that are a region's own figure and count in the score. */
export function ownRows({ rows, counted }: ScoreModel): number[] {
  return [...rows.keys()].filter((row) => {
    const { region } = itemAt(rows, row);
    return region !== null && region !== REST && counted[row] === 1;
  });
}

/** Log-likelihood ratio of the fall of a row, between none and all of it, that fits a cell best: unbounded, unlike the score. */
export function ownFallFit(model: ScoreModel, { a, b }: FitSums, cell: number, row: number): number {
  const at = cellOffset(cell, model.rows.length) + row;
  const part = floatAt(b, at) > 0 ? Math.min(1, Math.max(0, floatAt(a, at) / floatAt(b, at))) : 0;
  return part * floatAt(a, at) - (part * part * floatAt(b, at)) / 2;
}
