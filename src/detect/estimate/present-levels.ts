/** How much of an alert's fall present levels show. */

import { HOUR_MS } from "../../model/time-units.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import { knownRegionFalls } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { type Remaining, type RemainingRow, remainingFraction } from "./remaining.ts";

/** Standard deviation of how far a level wanders in a day, relative to the row. */
export const WANDER_PER_DAY = 0.015;

/** Part of a completed fall that a row's averaged figure shows by now, 0..1. */
export function developedPart(
  view: ScaleView,
  alert: Pick<RegionAlert, "onset" | "ramp">,
  row: number,
  at: number,
): number {
  const { spec } = view.scale;
  const { cells } = view.banks[row]![view.state.chosen[row]!]!.filter;
  const age = Math.round((at - alert.onset) / (spec.stepSeconds * 1000));
  const ramp = Math.max(spec.rampSeconds[alert.ramp]!, spec.stepSeconds / 2);
  let sum = 0;
  for (let back = 0; back < cells; back++) {
    sum += Math.min(1, Math.max(0, ((age - back + 0.5) * spec.stepSeconds) / ramp));
  }
  return sum / cells;
}

/** A row's present level against the one before an alert. */
export interface PresentRow extends RemainingRow {
  readonly index: number;
  readonly developed: number;
}

/**
 * Rows whose averaged figure shows at least the part `leastDeveloped` of an alert's fall. `fall`: what the figure should have
 * lost by now.
 */
export function presentRows(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  leastDeveloped: number,
): PresentRow[] {
  const { state, layout } = context;
  const others = knownRegionFalls(state).filter((entry) => entry !== alert);
  const days = Math.max(0, context.at - alert.onset) / (24 * HOUR_MS);
  return layout.rows.flatMap((_, index) => {
    const base = alert.base[index] ?? 0;
    const recent = state.recent[index]!;
    if (!(layout.score.counted[index] && base > 0 && recent > 0) || context.at - state.recentAt[index]! > HOUR_MS)
      return [];
    const developed = developedPart(view, alert, index, context.at);
    if (developed < leastDeveloped) return [];
    const away = others.reduce(
      (sum, entry) => sum + (entry.openedAt > alert.openedAt ? (entry.fallHashrate[index] ?? 0) * entry.remaining : 0),
      0,
    );
    const chosen = view.state.chosen[index]!;
    const variance = view.state.units[index]![chosen]! * view.banks[index]![chosen]!.filter.windowVariance;
    const sd = view.state.reference[index]! * Math.sqrt(variance * 2 + WANDER_PER_DAY ** 2 * days);
    const fall = Math.max(0, alert.fallHashrate[index] ?? 0) * developed;
    return [{ index, developed, fall, base, present: base - away - recent, sd }];
  });
}

/** Fraction of an alert's fitted fall that present levels show; null when no row shows enough of it. */
export function remainingNow(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  leastDeveloped: number,
): Remaining | null {
  return remainingFraction(presentRows(context, view, alert, leastDeveloped));
}
