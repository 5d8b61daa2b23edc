/**
 * A quick likelihood, to tell which onsets and ramps are worth the full sum: a fall of just the size that the rows show, its
 * weights' errors taken as usual, every row's say bounded.
 */
import type { ScoreModel } from "./rows.ts";
import { DROPS } from "./sizes.ts";

/** Sums per onset, ramp and row, or of one such. */
export interface FitSums {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** Bounds in standard deviations at which the size of a fall is read off the rows: most outliers out, or most of a signal in. */
const CLIPS = [2.5, 5] as const;
/** Relative standard deviations of a row's part of a fall: a weight's usual error, and half of what dips differ by. */
const WEIGHT_SD = 0.25;
const ALIKE_SD = 0.15;
/** Up to this many nats a row says what it says, beyond only a little more: enough to keep the order where one row says all. */
const ROW_BOUND = 4;

function bounded(log: number): number {
  const over = Math.abs(log) - ROW_BOUND;
  return over > 0 ? Math.sign(log) * (ROW_BOUND + Math.log1p(over)) : log;
}

/** Fall of a pattern of rows, by each row's bounded say: its size, and in standard deviations. */
function sizeOf(
  sums: FitSums,
  counted: Uint8Array,
  offset: number,
  rows: ArrayLike<number> | null,
  weight: Float64Array | null,
  clip: number,
): { size: number; t: number } {
  let signal = 0;
  let power = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const w = weight ? weight[k]! : 1;
    const bound = clip * Math.sqrt(b);
    signal += w * Math.max(-bound, Math.min(bound, sums.a[offset + i]!));
    power += w * w * b;
  }
  return power > 0 ? { size: signal / power, t: signal / Math.sqrt(power) } : { size: 0, t: Number.NEGATIVE_INFINITY };
}

/** Log-likelihood ratio of a fall of that pattern and size, each row's bounded. */
function fitOf(
  sums: FitSums,
  counted: Uint8Array,
  offset: number,
  rows: ArrayLike<number> | null,
  weight: Float64Array | null,
  size: number,
  relativeSd: number,
  wander: number,
): number {
  let log = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const a = sums.a[offset + i]!;
    const m = (weight ? weight[k]! : 1) * size;
    const v = (relativeSd * m) ** 2 + wander;
    const part = 1 / (1 + v * b);
    const stood = (0.5 * wander * a * a) / (1 + wander * b);
    const one = 0.5 * Math.log(part) + (m * a + 0.5 * v * a * a - 0.5 * m * m * b) * part - stood;
    log += bounded(one);
  }
  return log;
}

/** How well the region that shows best fits at one onset and ramp. */
export function regionalFit(
  model: ScoreModel,
  sums: FitSums,
  look: readonly number[],
  offset: number,
  wander: number,
): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const clip of CLIPS) {
    let lead = -1;
    let found = { size: 0, t: Number.NEGATIVE_INFINITY };
    for (const r of look) {
      const { rows, weight } = model.regions[r]!;
      const one = sizeOf(sums, model.counted, offset, rows, weight, clip);
      if (one.t > found.t) {
        lead = r;
        found = one;
      }
    }
    if (lead < 0) continue;
    const { rows, weight } = model.regions[lead]!;
    const size = Math.min(DROPS.at(-1)!, Math.max(0, found.size));
    best = Math.max(best, fitOf(sums, model.counted, offset, rows, weight, size, WEIGHT_SD, wander));
  }
  return best;
}

/** How well a fall of everything, as large as all rows together show, fits at one onset and ramp. */
export function wideFit(model: ScoreModel, sums: FitSums, offset: number, wander: number): number {
  const fits = CLIPS.map((clip) => {
    const { size } = sizeOf(sums, model.counted, offset, null, null, clip);
    return fitOf(sums, model.counted, offset, null, null, Math.max(0, size), ALIKE_SD, wander);
  });
  return Math.max(...fits);
}
