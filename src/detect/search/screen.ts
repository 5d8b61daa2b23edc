/**
 * The screen of every step: a matched filter per region, onset and ramp. Only what passes it is summed in full.
 * T = sum w z sqrt(B) / sqrt(sum w^2 B) with z = A / sqrt(B) bounded; standard normal when nothing happens. A score of
 * h needs T of about sqrt(2 h), so a low screening threshold on T misses nothing that could open.
 */

import { logSum } from "../hypotheses/likelihood.ts";
import { floatAt, intAt, itemAt } from "../model/elements.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { cellOf, cellOffset, onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";

const Z_BOUND = 5;

export interface Screen {
  /** Largest T per region; where onsets were left out, its upper bound there. */
  readonly best: Float64Array;
  /** T of the best region per cell; -Infinity where not computed. */
  readonly cells: Float64Array;
  /** T of a network-wide fall per cell; -Infinity where not computed. */
  readonly networkWide: Float64Array;
  readonly peak: number;
}

/** A region's counted rows in their order, their weights and the weights' squares. */
interface Members {
  readonly rows: Int32Array;
  readonly weight: Float64Array;
  readonly square: Float64Array;
}

/** By model: a model lives as long as its weights do. */
const members = new WeakMap<ScoreModel, readonly Members[]>();

function membersOf(model: ScoreModel): readonly Members[] {
  const known = members.get(model);
  if (known) return known;
  const made = model.regions.map(({ rows, weight }): Members => {
    const counted = [...rows.keys()].filter((k) => model.counted[intAt(rows, k)] === 1);
    const order = counted.sort((x, y) => intAt(rows, x) - intAt(rows, y));
    const weights = Float64Array.from(order, (k) => floatAt(weight, k));
    return {
      rows: Int32Array.from(order, (k) => intAt(rows, k)),
      weight: weights,
      square: weights.map((value) => value * value),
    };
  });
  members.set(model, made);
  return made;
}

/**
 * @param ramps which ramps
 * @param onsets which onsets
 * @param bar onsets and ramps at which no region's T can reach it are left out: whatever the weights, T is at most the root
 *   of the sum of z^2 over the rows that fell (Cauchy and Schwarz)
 */
export function screen(
  model: ScoreModel,
  statistics: SufficientStatistics,
  ramps: readonly number[],
  onsets: readonly number[],
  bar = Number.NEGATIVE_INFINITY,
): Screen {
  const rows = model.rows.length;
  const regions = membersOf(model);
  const { counted } = model;
  const best = new Float64Array(model.regions.length).fill(Number.NEGATIVE_INFINITY);
  const cells = new Float64Array(statistics.slots * statistics.ramps).fill(Number.NEGATIVE_INFINITY);
  const networkWide = new Float64Array(cells.length).fill(Number.NEGATIVE_INFINITY);
  const x = new Float64Array(rows);
  const information = new Float64Array(rows);
  let peak = Number.NEGATIVE_INFINITY;
  let leftOut = Number.NEGATIVE_INFINITY;
  for (const s of onsets) {
    for (const ramp of ramps) {
      const cell = cellOf(s, ramp, statistics.ramps);
      const offset = cellOffset(cell, rows);
      let reach = 0;
      let all = 0;
      let weight = 0;
      for (let i = 0; i < rows; i++) {
        const b = counted[i] ? statistics.b[offset + i]! : 0;
        information[i] = b;
        if (!(b > 0)) {
          x[i] = 0;
          continue;
        }
        const a = statistics.a[offset + i]!;
        const within = a * a <= Z_BOUND * Z_BOUND * b;
        const bounded = within ? a : Math.sign(a) * Z_BOUND * Math.sqrt(b);
        x[i] = bounded;
        if (a > 0) reach += within ? (a * a) / b : Z_BOUND * Z_BOUND;
        all += bounded;
        weight += b;
      }
      if (reach <= bar * bar && bar > 0) {
        if (reach > leftOut) leftOut = reach;
        continue;
      }
      let top = Number.NEGATIVE_INFINITY;
      for (let r = 0; r < best.length; r++) {
        const { rows: mine, weight: part, square } = regions[r]!;
        let signal = 0;
        let power = 0;
        for (let k = 0; k < mine.length; k++) {
          const i = mine[k]!;
          signal += part[k]! * x[i]!;
          power += square[k]! * information[i]!;
        }
        if (power <= 0) continue;
        const t = signal / Math.sqrt(power);
        if (t > best[r]!) best[r] = t;
        if (t > top) top = t;
      }
      cells[cell] = top;
      if (weight > 0) networkWide[cell] = all / Math.sqrt(weight);
      if (top > peak) peak = top;
    }
  }
  const most = Math.sqrt(Math.max(0, leftOut));
  if (leftOut >= 0) for (let r = 0; r < best.length; r++) best[r] = Math.max(best[r]!, most);
  return { best, cells, networkWide, peak };
}

/**
 * An approximate upper bound of the log statistic: no likelihood ratio exceeds exp(T^2 / 2), so this is their sum over cells with
 * their priors and the prior of the likeliest region. What a ratio loses to sizes that do not fit, one to two nats, is the safety
 * margin.
 *
 * @param onsetSteps steps that each onset stands for
 */
export function screenReach(
  found: Screen,
  onsetSteps: Float64Array,
  rampPrior: readonly number[],
  regionPrior: Float64Array,
): number {
  const ramps = rampPrior.length;
  const logs: number[] = [];
  for (let cell = 0; cell < found.cells.length; cell++) {
    const most = Math.max(floatAt(found.cells, cell), floatAt(found.networkWide, cell));
    if (!(most > 0)) continue;
    const chance = floatAt(onsetSteps, onsetOfCell(cell, ramps)) * itemAt(rampPrior, rampOfCell(cell, ramps));
    logs.push(Math.log(chance) + most ** 2 / 2);
  }
  return logSum(logs) + Math.log(Math.max(...regionPrior));
}
