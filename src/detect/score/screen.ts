/**
 * The cheap look at every step: a matched filter per region, onset and ramp. Only what stirs here is scored in full.
 * T = sum w z sqrt(B) / sqrt(sum w^2 B) with z = A / sqrt(B) bounded; standard normal when nothing happens. A score of
 * h needs T of about sqrt(2 h), so a low bar on T misses nothing that could open.
 */
import type { ScoreModel } from "./rows.ts";

const Z_BOUND = 5;

export interface Screen {
  /** Largest T per region. */
  readonly best: Float64Array;
  /** T of the best region per slot x ramp; -Infinity where not looked at. */
  readonly combos: Float64Array;
  readonly peak: number;
}

/** `look`: which ramps, `slots`: which onsets. */
export function screen(
  model: ScoreModel,
  sums: { readonly a: Float64Array; readonly b: Float64Array; readonly slots: number; readonly ramps: number },
  look: readonly number[],
  slots: readonly number[],
): Screen {
  const rows = model.rows.length;
  const best = new Float64Array(model.regions.length).fill(Number.NEGATIVE_INFINITY);
  const combos = new Float64Array(sums.slots * sums.ramps).fill(Number.NEGATIVE_INFINITY);
  const x = new Float64Array(rows);
  const information = new Float64Array(rows);
  let peak = Number.NEGATIVE_INFINITY;
  for (const s of slots) {
    for (const ramp of look) {
      const offset = (s * sums.ramps + ramp) * rows;
      for (let i = 0; i < rows; i++) {
        const b = model.counted[i] ? sums.b[offset + i]! : 0;
        const root = Math.sqrt(b);
        const a = sums.a[offset + i]!;
        information[i] = b;
        x[i] = Math.max(-Z_BOUND * root, Math.min(Z_BOUND * root, a));
      }
      let top = Number.NEGATIVE_INFINITY;
      for (let r = 0; r < model.regions.length; r++) {
        const { rows: members, weight } = model.regions[r]!;
        let signal = 0;
        let power = 0;
        for (let k = 0; k < members.length; k++) {
          const w = weight[k]!;
          const i = members[k]!;
          signal += w * x[i]!;
          power += w * w * information[i]!;
        }
        if (power <= 0) continue;
        const t = signal / Math.sqrt(power);
        if (t > best[r]!) best[r] = t;
        if (t > top) top = t;
      }
      combos[s * sums.ramps + ramp] = top;
      if (top > peak) peak = top;
    }
  }
  return { best, combos, peak };
}
