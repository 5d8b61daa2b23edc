/**
 * The fall of one row by itself: how much is gone and since when, each with a 90 % interval. The size comes from the sufficient
 * statistics while the averaging window hides part of the fall, and from the row's level later.
 */
import { Z_90 } from "../model/normal.ts";
import type { Interval } from "../state/alert-state.ts";
import { weightedQuantiles } from "./weighted-quantile.ts";

/** One onset and ramp, with the row's sufficient statistics for a fall of that shape. */
export interface RowCell {
  /** Onset, ms. */
  readonly at: number;
  /** Prior weight, on any scale. */
  readonly prior: number;
  /** Part of such a fall that has happened by now, 0..1. */
  readonly progress: number;
  /** Sufficient statistics, relative to the row's reference: the log-likelihood of a fall c is c a - c^2 b / 2. */
  readonly a: number;
  readonly b: number;
}

/** A row's present level against the one before its fall, relative to the row's reference. */
export interface RowLevel {
  readonly fall: number;
  readonly sd: number;
  /** Part of the fall that the averaging window shows by now, 0..1. */
  readonly developed: number;
}

export interface RowFallInput {
  readonly stepMs: number;
  /** The newest step, ms. */
  readonly at: number;
  readonly cells: RowCell[];
  readonly level: RowLevel;
}

export interface RowFall {
  /** What is gone by now, relative to the reference. */
  readonly lost: Interval;
  /** ms. */
  readonly onset: Interval;
  /** Log-likelihood ratio of the fall that fits best against none. */
  readonly score: number;
}

/** Sizes of a row's fall that are tried, as parts of the row, with equal prior probability. */
const ROW_PARTS = Array.from({ length: 60 }, (_, k) => (k + 1) / 60);
/**
 * The level is used once the window shows this part of the fall. A window that is slightly wrong misleads the innovations
 * more.
 */
const WELL_SHOWN = 0.9;
/**
 * Relative standard deviation added to the size from the sufficient statistics: the window may be a tenth longer than believed,
 * and an outage need not be a ramp. With it 98 % of the intervals of 48 outages contained the truth, a little more than their
 * nominal 90 % (three simulated worlds of outages, migrations and dips, 2026-11).
 */
const OUTAGE_SHAPE_SD = 0.03;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Largest log-likelihood ratio over falls from 0 to 1 at one cell. */
function ratioOf({ a, b }: RowCell): number {
  const part = b > 0 ? clamp(a / b) : 0;
  return part * a - (part * part * b) / 2;
}

/** The fall as the row's level alone shows it. */
function fromLevel({ fall, sd, developed }: RowLevel): Interval {
  const part = Math.max(developed, 0.05);
  const spread = Z_90 * Math.hypot(sd / part, (1 - developed) * fall);
  return { estimate: clamp(fall / part), low: clamp(fall / part - spread), high: clamp(fall / part + spread) };
}

/** What is lost by the row's level, once its averaging window shows the fall; null before. */
export function shownByLevel(level: RowLevel): Interval | null {
  return level.developed >= WELL_SHOWN ? fromLevel(level) : null;
}

/** Fits a row's fall. The level alone decides where no cell has evidence. */
export function fitRowFall({ stepMs, at, cells, level }: RowFallInput): RowFall {
  const terms: { readonly onset: number; readonly lost: number; readonly log: number }[] = [];
  let top = Number.NEGATIVE_INFINITY;
  for (const { at: onset, prior, progress, a, b } of cells) {
    if (!(b > 0 && prior > 0)) continue;
    const logPrior = Math.log(prior);
    for (const part of ROW_PARTS) {
      const log = logPrior + part * a - (part * part * b) / 2;
      terms.push({ onset, lost: part * progress, log });
      top = Math.max(top, log);
    }
  }
  const score = Math.max(0, ...cells.map(ratioOf));
  if (!Number.isFinite(top)) {
    return { lost: fromLevel(level), onset: { estimate: at, low: at - stepMs, high: at }, score };
  }
  const masses = terms.map(({ log }) => Math.exp(log - top));
  const onsets = terms.map(({ onset }, k) => ({ value: onset, mass: masses[k]! }));
  const sizes = terms.map(({ lost }, k) => ({ value: lost, mass: masses[k]! }));
  const times = [...new Set(terms.map(({ onset }) => onset))].sort((x, y) => x - y);
  // The posterior can be narrower than the spacing of the onsets in memory, and a first figure in quarantine comes a step late.
  const [early, middling, late] = weightedQuantiles(onsets, [0.05, 0.5, 0.95]);
  const before = times[times.indexOf(early) - 1] ?? early;
  const after = times[times.indexOf(late) + 1] ?? late;
  const middle = stepMs / 2;
  const [least, estimate, most] = weightedQuantiles(sizes, [0.05, 0.5, 0.95]);
  const own = { low: estimate - least, high: most - estimate };
  const more = Z_90 * OUTAGE_SHAPE_SD * estimate;
  return {
    lost: shownByLevel(level) ?? {
      estimate,
      low: clamp(estimate - Math.hypot(own.low, more)),
      high: clamp(estimate + Math.hypot(own.high, more)),
    },
    onset: {
      estimate: middling - middle,
      low: Math.min(before, early - stepMs) - stepMs,
      high: Math.min(at, Math.max(after, late + stepMs) - middle),
    },
    score,
  };
}
