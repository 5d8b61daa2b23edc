/** Size of a network-wide fall with a 90 % interval, from the sufficient statistics. */
import { emptyNulls, logProduct, logSum, setAlike } from "../hypotheses/likelihood.ts";
import { agreedSize } from "../hypotheses/network-wide.ts";
import { WIDE_LOOSE_SDS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { ScaleView } from "../state/tick-context.ts";
import { cellOffset, onsetOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import { progressOf } from "./region-fit.ts";
import { weightedQuantiles } from "./weighted-quantile.ts";

/** Sizes that are tried, as factors of the size that most rows agree on: half to twice, four per cent apart. */
const SIZE_FACTORS = Array.from({ length: 37 }, (_, k) => Math.exp(0.04 * (k - 18)));
/** Most cells (onset and ramp) that enter the fit; the caller orders them by how well they explain. */
const CELLS = 8;

export interface NetworkSize {
  readonly drop: number;
  readonly low: number;
  readonly high: number;
  /** ms, the middle of the step. */
  readonly onset: number;
  readonly onsetLow: number;
  readonly onsetHigh: number;
}

/** @param cells cells that the network-wide fall was summed over, best first. Returns null where no row has evidence. */
export function networkSize(
  model: ScoreModel,
  view: ScaleView,
  statistics: SufficientStatistics,
  cells: readonly number[],
): NetworkSize | null {
  const { spec } = view.scale;
  const { a, b, ramps, outages } = statistics;
  const { counted } = model;
  const stepMs = spec.stepSeconds * 1000;
  const nulls = emptyNulls(counted.length);
  const everyone = Int32Array.from(counted.keys());
  const progress = progressOf(view.state, spec);
  const terms = cells.slice(0, CELLS).flatMap((cell) => {
    const offset = cellOffset(cell, counted.length);
    const size = agreedSize(a, b, offset, counted);
    if (!(size > 0)) return [];
    const own = outages?.logAt(cell);
    for (let i = 0; i < counted.length; i++)
      if (counted[i]) setAlike(a[offset + i]!, b[offset + i]!, spec, nulls, i, own?.[i]);
    // Pools may differ as much as in a dip that is not shaped like a ramp. The interval then contains what windows hide.
    return SIZE_FACTORS.filter((factor) => size * factor <= 1).map((factor) => ({
      size: progress(cell) * size * factor,
      onset: view.state.slotAt[onsetOfCell(cell, ramps)]! - stepMs / 2,
      log: logProduct(everyone, size * factor, WIDE_LOOSE_SDS[0]!, a, b, offset, counted, spec, nulls, 0),
    }));
  });
  if (terms.length === 0) return null;
  const all = logSum(terms.map(({ log }) => log));
  const sizes = terms.map(({ size, log }) => ({ value: size, mass: Math.exp(log - all) }));
  const onsets = terms.map(({ onset, log }) => ({ value: onset, mass: Math.exp(log - all) }));
  const [low, drop, high] = weightedQuantiles(sizes, [0.05, 0.5, 0.95]);
  const [early, onset, late] = weightedQuantiles(onsets, [0.05, 0.5, 0.95]);
  return { drop, low, high: Math.min(1, high), onset, onsetLow: early - stepMs, onsetHigh: late + stepMs };
}
